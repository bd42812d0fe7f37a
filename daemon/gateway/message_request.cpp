#include "daemon/gateway/message_request.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/utf8.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/media_url.h"
#include "daemon/gateway/recipient.h"
#include "daemon/gateway/template_text.h"
#include "daemon/net/web_client.h"

namespace konekwa {
namespace {

constexpr std::size_t kClientReferenceMax = 255;
constexpr std::size_t kVcardBytesMax = 65'536;
constexpr std::size_t kPlaceholderValuesMax = 200;
constexpr std::size_t kContactsMax = 100;
constexpr std::size_t kMentionsMax = 1024;         // as many as a group can have members
constexpr std::size_t kPlaceBytesMax = 1024;       // name or address of a location
constexpr std::size_t kReplyToBytesMax = 128;
constexpr Duration kExpiresInDefault = hours(24);
constexpr Duration kSendAtMax = hours(24 * 366);   // further than that is a mistake

constexpr MessageType kTypes[] = {
    {"text", false, false, false},    {"image", true, true, false},     {"video", true, true, false},
    {"audio", true, false, false},    {"document", true, true, true},   {"location", false, false, false},
    {"contact", false, false, false},
};

void check_size(JsonFields& fields, const std::string& name, const std::string& value, std::size_t max) {
  if (value.size() <= max) return;
  fields.refuse(name, ErrorCode::INVALID_REQUEST, fmt::format("is longer than {} bytes", max));
}

// Whether there is such an upload is found later.
std::string media_url_problem(const std::string& url) {
  if (!is_upload_url(url)) return net::url_problem(url);
  return upload_of(url) ? "" : "an upload is konekwa://media/med_...";
}

void read_media(JsonFields& fields, const MessageType& type, MessageRequest& out) {
  const std::string url = fields.required_text("media_url");
  const std::string problem = url.empty() ? "" : media_url_problem(url);
  if (!problem.empty()) fields.refuse("media_url", ErrorCode::INVALID_MEDIA_URL, ": " + problem);
  out.texts["media_url"] = url;
  out.upload = upload_of(url).value_or("");
  if (type.name == "audio") out.voice = fields.flag("voice");
  if (type.takes_caption) {
    const std::string caption = fields.text("caption").value_or("");
    check_size(fields, "caption", caption, kContentBytesMax);
    if (count_characters(caption) > kCaptionCharactersMax) {
      fields.warn(fmt::format("caption is longer than {} characters", kCaptionCharactersMax));
    }
    if (!caption.empty()) out.texts["caption"] = caption;
  }
  if (type.takes_filename) {
    const std::string filename = fields.text("filename").value_or("");
    check_size(fields, "filename", filename, kFilenameBytesMax);
    if (filename.find_first_of("/\\") != std::string::npos) {
      fields.refuse("filename", ErrorCode::INVALID_REQUEST, "must be a name without a path");
    }
    if (!filename.empty()) out.texts["filename"] = filename;
  }
}

std::optional<double> degrees(JsonFields& fields, const std::string& name, double max) {
  const auto value = fields.number(name);
  fields.require(value.has_value(), name);
  if (value && !(std::abs(*value) <= max)) {
    fields.refuse(name, ErrorCode::INVALID_REQUEST, fmt::format("must be from -{0} to {0}", max));
  }
  return value;
}

void read_location(JsonFields& fields, MessageRequest& out) {
  out.latitude = degrees(fields, "latitude", 90);
  out.longitude = degrees(fields, "longitude", 180);
  for (const char* name : {"name", "address"}) {
    const std::string text = fields.text(name).value_or("");
    check_size(fields, name, text, kPlaceBytesMax);
    if (!text.empty()) out.texts[name] = text;
  }
}

void check_vcard(JsonFields& fields, const std::string& name, const std::string& vcard) {
  check_size(fields, name, vcard, kVcardBytesMax);
  const bool is_vcard = vcard.starts_with("BEGIN:VCARD") && vcard.find("END:VCARD") != std::string::npos;
  if (!is_vcard) fields.refuse(name, ErrorCode::INVALID_REQUEST, "must be from BEGIN:VCARD to END:VCARD");
}

// One in vcard_data, more in contacts, or both.
void read_contacts(JsonFields& fields, MessageRequest& out) {
  out.contacts = fields.texts("contacts").value_or(std::vector<std::string>{});
  if (out.contacts.size() > kContactsMax) {
    fields.refuse("contacts", ErrorCode::INVALID_REQUEST, fmt::format("has more than {} contacts", kContactsMax));
  }
  for (std::size_t i = 0; i < out.contacts.size(); ++i) {
    check_vcard(fields, fmt::format("contacts[{}]", i), out.contacts[i]);
  }
  const std::string vcard =
      out.contacts.empty() ? fields.required_text("vcard_data") : fields.text("vcard_data").value_or("");
  if (vcard.empty()) return;
  check_vcard(fields, "vcard_data", vcard);
  out.texts["vcard_data"] = vcard;
}

// What any type may have: whom it answers and whom it names.
void read_context(JsonFields& fields, const MessageType& type, MessageRequest& out) {
  out.reply_to = fields.text("reply_to").value_or("");
  check_size(fields, "reply_to", out.reply_to, kReplyToBytesMax);
  if (!type.takes_mentions()) return;
  out.mentions = fields.texts("mentions").value_or(std::vector<std::string>{});
  if (out.mentions.size() > kMentionsMax) {
    fields.refuse("mentions", ErrorCode::INVALID_REQUEST, fmt::format("has more than {} mentions", kMentionsMax));
  }
}

void read_content(JsonFields& fields, MessageRequest& out) {
  const MessageType* type = find_message_type(out.message_type);
  if (type == nullptr) {
    // A missing type was refused before.
    return fields.refuse("message_type", ErrorCode::INVALID_MESSAGE_TYPE, "is '" + out.message_type + "'");
  }
  if (out.message_type == "text") {
    out.content = out.template_id.empty() ? fields.required_text("content") : fields.text("content").value_or("");
    check_size(fields, "content", out.content, kContentBytesMax);
    out.link_preview = fields.flag("link_preview");
  }
  if (type->takes_media_url) read_media(fields, *type, out);
  if (out.message_type == "location") read_location(fields, out);
  if (out.message_type == "contact") read_contacts(fields, out);
  read_context(fields, *type, out);
}

void read_times(JsonFields& fields, MessageRequest& out, Time now) {
  const std::string name = fields.has("send_at") ? "send_at" : "scheduled_at";
  if (const auto text = fields.text(name); text && !text->empty()) {
    const auto at = from_rfc3339(*text);
    if (!at) {
      fields.refuse(name, ErrorCode::INVALID_DATE, "must be such as 2026-03-10T10:30:00+07:00");
    } else if (*at > now + kSendAtMax) {
      fields.refuse(name, ErrorCode::INVALID_DATE, "is more than a year away", "the date is too late");
    } else if (*at > now) {
      out.send_at = *at;
    }
  }
  const Duration lifetime = read_duration(fields, "expires_in", "30m or 24h").value_or(kExpiresInDefault);
  out.expires_at = out.send_at.value_or(now) + lifetime;
}

}  // namespace

const MessageType* find_message_type(std::string_view name) {
  const auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& t) { return t.name == name; });
  return found == std::end(kTypes) ? nullptr : found;
}

std::string template_field_of(const MessageType& type) {
  if (type.name == "text") return "content";
  return type.takes_caption ? "caption" : "";
}

std::string MessageRequest::fields_json() const {
  Json out = Json::object();
  const auto put_texts = [&](std::initializer_list<const char*> names) {
    for (const char* each : names) {
      if (const auto it = texts.find(each); it != texts.end()) out[each] = it->second;
    }
  };
  put_texts({"caption", "media_url", "filename"});
  if (voice) out["voice"] = *voice;
  if (latitude) out["latitude"] = *latitude;
  if (longitude) out["longitude"] = *longitude;
  put_texts({"name", "address", "vcard_data"});
  if (!contacts.empty()) out["contacts"] = contacts;
  if (!reply_to.empty()) out["reply_to"] = reply_to;
  if (!mentions.empty()) out["mentions"] = mentions;
  if (link_preview) out["link_preview"] = *link_preview;
  return out.empty() ? std::string() : out.dump();
}

Result<MessageRequest> read_message_request(const std::string& body, Time now) {
  MessageRequest out;
  JsonFields fields(body);
  out.session = fields.required_text("session_id");
  out.recipient = fields.required_text("recipient");
  out.message_type = fields.required_text("message_type");
  out.template_id = fields.text("template_id").value_or("");
  out.placeholder_values = fields.text_map("placeholder_values").value_or(std::map<std::string, std::string>{});
  if (out.placeholder_values.size() > kPlaceholderValuesMax) {
    fields.refuse("placeholder_values", ErrorCode::INVALID_REQUEST,
                  fmt::format("has more than {} values", kPlaceholderValuesMax));
  }
  read_content(fields, out);
  read_times(fields, out, now);
  out.client_reference = fields.text("client_reference").value_or("");
  check_size(fields, "client_reference", out.client_reference, kClientReferenceMax);
  if (fields.error()) return fail(*fields.error());
  out.warnings = fields.warning_headers();
  return out;
}

Result<> resolve_mentions(MessageRequest& request, std::string_view default_country) {
  for (std::size_t i = 0; i < request.mentions.size(); ++i) {
    auto person = parse_recipient(request.mentions[i], default_country);
    if (!person) {
      return fail(ErrorCode::INVALID_RECIPIENT, fmt::format("Field 'mentions[{}]': {}", i, person.error().details));
    }
    if (person->chat_id.ends_with("@g.us")) {
      return fail(ErrorCode::INVALID_RECIPIENT, fmt::format("Field 'mentions[{}]' is a group", i));
    }
    request.mentions[i] = std::move(person->text);
  }
  return {};
}

Result<> apply_template(MessageRequest& request, const store::TemplateRow& row) {
  if (row.message_type != request.message_type) {
    return fail(ErrorCode::TEMPLATE_TYPE_MISMATCH,
                fmt::format("{} is for '{}', the message is '{}'", row.id, row.message_type, request.message_type));
  }
  Rendered rendered = render_template(row.content, request.placeholder_values);
  if (!rendered.missing.empty()) {
    return fail(ErrorCode::MISSING_PLACEHOLDER,
                fmt::format("placeholder_values lacks {}", fmt::join(rendered.missing, ", ")));
  }
  if (rendered.text.size() > kContentBytesMax) {
    return fail(ErrorCode::INVALID_REQUEST, fmt::format("the rendered text is longer than {} bytes", kContentBytesMax));
  }
  const MessageType* type = find_message_type(request.message_type);
  if (rendered.text.empty()) return fail(ErrorCode::INVALID_REQUEST, "the rendered text is empty");
  if (template_field_of(*type) == "content") request.content = std::move(rendered.text);
  else request.texts["caption"] = std::move(rendered.text);
  return {};
}

}  // namespace konekwa
