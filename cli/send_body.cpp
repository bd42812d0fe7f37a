#include "cli/send_body.h"

#include <charconv>

#include <fmt/format.h>

#include "cli/media_file.h"
#include "cli/print.h"
#include "cli/template_choice.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kTextBytesMax = 65'536;    // the API's limits
constexpr std::size_t kVcardBytesMax = 65'536;
constexpr const char* kText = "text";
constexpr const char* kHelp = "konekwa send --help";

struct Place {
  double latitude = 0, longitude = 0;
};

std::optional<double> number(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return is_number ? std::optional(value) : std::nullopt;
}

std::optional<Place> parse_location(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto latitude = number(text.substr(0, comma)), longitude = number(text.substr(comma + 1));
  if (!latitude || !longitude) return std::nullopt;
  return Place{*latitude, *longitude};
}

struct Media {
  const char* type = "";
  std::string source;    // the name of a file, or a URL; "": there is none
};

Media media_of(const SendRequest& request) {
  const std::pair<const char*, const std::string*> kinds[] = {{"image", &request.image},
                                                              {"video", &request.video},
                                                              {"audio", &request.audio},
                                                              {"document", &request.document}};
  for (const auto& [type, source] : kinds) {
    if (!source->empty()) return {type, *source};
  }
  return {};
}

// The type that the other options stand for, where none is named.
api::Outcome<std::string> type_of(const SendRequest& request, const Media& media, const TemplateChoice& chosen) {
  if (!request.type.empty()) return request.type;
  if (!media.source.empty()) return std::string(media.type);
  if (!chosen.message_type.empty()) return chosen.message_type;
  if (!request.vcard.empty() || !request.contacts.empty()) return std::string("contact");
  if (request.latitude || !request.location.empty()) return std::string("location");
  if (request.media_url.empty()) return std::string(kText);
  return api::failed(ErrorCode::INVALID_REQUEST, "--media-url needs --type", kHelp);
}

Json values_of(const SendRequest& request) {
  Json out = Json::object();
  for (const std::string& word : request.values) {
    const std::size_t equals = word.find('=');
    out[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

void add_unless_empty(Json& body, std::initializer_list<std::pair<const char*, const std::string*>> fields) {
  for (const auto& [key, value] : fields) {
    if (!value->empty()) body[key] = *value;
  }
}

// One contact goes where it always went, several into the list.
api::Outcome<> add_contacts(Context& context, const SendRequest& request, Json& body) {
  std::vector<std::string> paths = request.contacts;
  if (!request.vcard.empty()) paths.insert(paths.begin(), request.vcard);
  std::vector<std::string> cards;
  for (const std::string& path : paths) {
    auto card = file_or_stdin(context, path, kVcardBytesMax);
    if (!card) return api::failed(card.error());
    cards.push_back(std::move(*card));
  }
  if (cards.size() == 1) body["vcard_data"] = cards.front();
  else if (!cards.empty()) body["contacts"] = cards;
  return {};
}

void add_place(const SendRequest& request, Json& body) {
  Place place{request.latitude.value_or(0), request.longitude.value_or(0)};
  if (!request.location.empty()) place = parse_location(request.location).value_or(place);
  if (!request.latitude && request.location.empty()) return;
  body["latitude"] = place.latitude;
  body["longitude"] = place.longitude;
  add_unless_empty(body, {{"name", &request.name}, {"address", &request.address}});
}

// Last, as it is the only step that leaves something behind.
api::Outcome<> add_media(Context& context, const SendRequest& request, const Media& media, Json& body) {
  if (media.source.empty()) return {};
  if (is_url(media.source)) {
    body["media_url"] = media.source;
    return {};
  }
  const bool is_document = media.type == std::string_view("document");
  if (is_document && request.filename.empty() && !has_own_name(media.source)) {
    return api::failed(ErrorCode::INVALID_REQUEST, "a document out of a pipe needs --filename", kHelp);
  }
  if (request.is_dry_run) {
    body["media_url"] = "file:" + media.source;
    return {};
  }
  const auto uploaded = upload_file(context, media.source, request.filename);
  if (!uploaded) return api::failed(uploaded.error());
  body["media_url"] = field(uploaded->body, "media_url");
  if (is_document && request.filename.empty()) body["filename"] = base_name(media.source);
  return {};
}

bool takes_caption(std::string_view type) { return type == "image" || type == "video" || type == "document"; }

// Words that the kind of message would drop were meant to be read: they go where there is room, or are refused.
api::Outcome<> place_words(std::string_view type, bool has_template, SendRequest& request) {
  const auto wrong = [](std::string what) { return api::failed(ErrorCode::INVALID_REQUEST, std::move(what), kHelp); };
  if (has_template && !request.text.empty()) return wrong("the template is the text, there is no other beside it");
  if (takes_caption(type) && request.caption.empty()) std::swap(request.text, request.caption);
  if (type != kText && !request.text.empty()) return wrong(fmt::format("of type {} a message has no text", type));
  if (!takes_caption(type) && !request.caption.empty()) {
    return wrong(fmt::format("of type {} a message has no caption", type));
  }
  if (request.is_voice && type != "audio") return wrong(fmt::format("of type {} a message is no voice note", type));
  return {};
}

}  // namespace

std::string location_problem(const std::string& text) {
  return parse_location(text) ? "" : fmt::format("not LAT,LON: '{}'; write -6.2,106.816666", text);
}

std::vector<std::string> readers_of_stdin(const SendRequest& request) {
  const std::pair<const char*, const std::string*> named[] = {
      {"--text", &request.text},   {"--caption", &request.caption}, {"--image", &request.image},
      {"--video", &request.video}, {"--audio", &request.audio},     {"--document", &request.document},
      {"--vcard", &request.vcard}};
  std::vector<std::string> out;
  for (const auto& [option, value] : named) {
    if (*value == "-") out.emplace_back(option);
  }
  for (const std::string& path : request.contacts) {
    if (path == "-") out.emplace_back("--contact");
  }
  return out;
}

api::Outcome<Json> send_body(Context& context, SendRequest request, std::vector<std::string>* placeholders) {
  api::Outcome<TemplateChoice> chosen;
  if (!request.template_name.empty()) chosen = choose_template(context, request.template_name);
  if (!chosen) return api::failed(chosen.error());
  if (placeholders != nullptr) *placeholders = chosen->placeholders;
  const Media media = media_of(request);
  const auto type = type_of(request, media, *chosen);
  if (!type) return api::failed(type.error());
  if (*type == kText && request.text.empty() && chosen->id.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST, "a text is required", kHelp);
  }
  if (const auto placed = place_words(*type, !chosen->id.empty(), request); !placed) return api::failed(placed.error());
  const auto text = text_or_stdin(context, request.text, kTextBytesMax);
  if (!text) return api::failed(text.error());
  const auto caption = text_or_stdin(context, request.caption, kTextBytesMax);
  if (!caption) return api::failed(caption.error());

  Json body{{"session_id", request.session}, {"recipient", request.to}, {"message_type", *type}};
  add_unless_empty(body, {{"content", &*text},
                          {"media_url", &request.media_url},
                          {"caption", &*caption},
                          {"filename", &request.filename}});
  if (auto added = add_contacts(context, request, body); !added) return api::failed(added.error());
  add_unless_empty(body, {{"template_id", &chosen->id},
                          {"reply_to", &request.reply_to},
                          {"client_reference", &request.reference},
                          {"expires_in", &request.expires_in},
                          {"send_at", &request.at}});
  add_place(request, body);
  if (!request.mentions.empty()) body["mentions"] = request.mentions;
  if (request.is_voice) body["voice"] = true;
  if (request.has_preview) body["link_preview"] = true;
  if (!request.values.empty()) body["placeholder_values"] = values_of(request);
  if (auto added = add_media(context, request, media, body); !added) return api::failed(added.error());
  return body;
}

}  // namespace konekwa::cli
