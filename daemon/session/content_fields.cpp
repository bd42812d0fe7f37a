#include "daemon/session/content_fields.h"

#include "common/json.h"
#include "common/json_put.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace konekwa::session {
namespace {

using Kind = wa::Content::Kind;

constexpr std::size_t kQuotedTextMax = 1024;   // octets of what is answered to, in events

std::string type_of(const wa::Content& content) {
  switch (content.kind) {
    case Kind::Text: return "text";
    case Kind::Media: return std::string(to_string(content.media->file.kind));
    case Kind::Location: return content.location->is_live ? "live_location" : "location";
    case Kind::Contact: return "contact";
    case Kind::Poll: return "poll";
    case Kind::Choice: return content.choice->kind + "_reply";
    case Kind::GroupInvite: return "group_invite";
    case Kind::Event: return "event";
    default: return "unsupported";
  }
}

void put_number(Json& out, const char* key, std::uint64_t value) {
  if (value != 0) out[key] = value;
}

void put_flag(Json& out, const char* key, bool value) {
  if (value) out[key] = true;
}

void put_facts(Json& out, const wa::MediaContent& media) {
  put_number(out, "width", media.width);
  put_number(out, "height", media.height);
  put_number(out, "seconds", media.seconds);
  put_number(out, "page_count", media.page_count);
  put_flag(out, "voice", media.is_voice);
  put_flag(out, "gif", media.is_gif);
  put_flag(out, "video_note", media.is_video_note);
  put_flag(out, "animated", media.is_animated);
}

bool can_be_fetched(const wa::MediaContent& media) {
  return !media.file.direct_path.empty() && media.file.media_key.size() == 32;
}

void put_media(Json& out, const wa::Content& content) {
  const wa::MediaContent& media = *content.media;
  put_text(out, "caption", content.text);
  put_text(out, "filename", media.filename);
  Json about;
  about["status"] = can_be_fetched(media) ? "pending" : "failed";
  put_text(about, "mimetype", media.file.mimetype);
  put_number(about, "size", media.file.length);
  put_text(about, "sha256", to_hex(media.file.sha256));
  put_facts(about, media);
  out["media"] = std::move(about);
}

void put_location(Json& out, const wa::LocationContent& location) {
  out["latitude"] = std::isfinite(location.latitude) ? location.latitude : 0;
  out["longitude"] = std::isfinite(location.longitude) ? location.longitude : 0;
  put_text(out, "name", location.name);
  put_text(out, "address", location.address);
  put_text(out, "url", location.url);
  put_number(out, "accuracy_m", location.accuracy_m);
}

void put_contacts(Json& out, const std::vector<wa::ContactCard>& cards) {
  if (cards.size() == 1) out["vcard_data"] = cards.front().vcard;
  Json list = Json::array();
  for (const wa::ContactCard& card : cards) list.push_back({{"name", card.display_name}, {"vcard_data", card.vcard}});
  out["contacts"] = std::move(list);
}

void put_choice(Json& out, const wa::ChoiceReply& choice) {
  Json about;
  put_text(about, "id", choice.id);
  put_text(about, "title", choice.title);
  put_text(about, "description", choice.description);
  put_text(about, "params", choice.params_json);
  out["choice"] = std::move(about);
}

void put_seconds(Json& out, const char* key, std::int64_t unix_seconds) {
  if (unix_seconds > 0) out[key] = to_rfc3339(from_unix_ms(unix_seconds * 1000));
}

void put_invite(Json& out, const wa::GroupInvite& invite) {
  Json about = {{"group_id", invite.group}, {"code", invite.code}};
  put_text(about, "group_name", invite.group_name);
  put_seconds(about, "expires_at", invite.expires_at_s);
  out["group_invite"] = std::move(about);
}

void put_event(Json& out, const wa::EventContent& event) {
  Json about = Json::object();
  put_text(about, "description", event.description);
  put_seconds(about, "starts_at", event.starts_at_s);
  put_seconds(about, "ends_at", event.ends_at_s);
  put_text(about, "location_name", event.location_name);
  put_text(about, "join_link", event.join_link);
  about["canceled"] = event.is_canceled;
  out["event"] = std::move(about);
}

std::string text_of(const wa::Content& content) {
  if (content.text.size() <= kQuotedTextMax) return content.text;
  std::size_t end = kQuotedTextMax;
  while (end > 0 && (static_cast<unsigned char>(content.text[end]) & 0xc0) == 0x80) --end;
  return content.text.substr(0, end);
}

void put_context(Json& out, const wa::Context& context, const Readable& readable) {
  if (context.quote) {
    Json quoted = {{"wa_message_id", context.quote->id}};
    put_text(quoted, "sender", context.quote->participant.empty() ? "" : readable(context.quote->participant));
    if (const auto said = wa::parse_content(context.quote->message)) {
      quoted["message_type"] = type_of(*said);
      put_text(quoted, "content", text_of(*said));
    }
    out["quoted"] = std::move(quoted);
  }
  if (!context.mentions.empty()) {
    Json mentions = Json::array();
    for (const std::string& jid : context.mentions) mentions.push_back(readable(jid));
    out["mentions"] = std::move(mentions);
  }
  put_flag(out, "mentions_all", context.mentions_all);
  put_flag(out, "forwarded", context.is_forwarded || context.forwarding_score > 0);
  put_number(out, "forwarding_score", context.forwarding_score);
  put_number(out, "ephemeral_seconds", context.expiration_s);
}

void put_kind(Json& out, const wa::Content& content) {
  if (content.kind == Kind::Media) put_media(out, content);
  if (content.location) put_location(out, *content.location);
  if (content.kind == Kind::Contact) put_contacts(out, content.contacts);
  if (content.poll) out["poll"] = {{"options", content.poll->options}, {"selectable", content.poll->selectable}};
  if (content.choice) put_choice(out, *content.choice);
  if (content.event) put_event(out, *content.event);
  if (content.invite) put_invite(out, *content.invite);
  if (content.kind == Kind::Unsupported) out["unsupported_type"] = content.type_name;
  if (content.preview) {
    out["link_preview"] = {{"url", content.preview->matched_text}, {"title", content.preview->title},
                           {"description", content.preview->description}};
  }
}

// --- the other way ---

Json fields_of(const store::MessageRow& row) { return row.fields.empty() ? Json::object() : Json::parse(row.fields); }

std::string text_field(const Json& fields, const char* name) { return fields.value(name, std::string()); }

Result<> put_outbound_media(wa::Content& content, const Json& fields, const store::MessageMediaRow* media) {
  if (media == nullptr) return fail(ErrorCode::INTERNAL_ERROR, "the media are not uploaded");
  const Json facts = media->facts.empty() ? Json::object() : Json::parse(media->facts);
  content.kind = Kind::Media;
  content.text = text_field(fields, "caption");
  wa::MediaContent out;
  out.file = media_file_of(*media);
  out.width = facts.value("width", 0u);
  out.height = facts.value("height", 0u);
  out.seconds = facts.value("seconds", 0u);
  out.is_voice = facts.value("voice", false);
  out.filename = media->filename;
  out.thumbnail = media->thumbnail;
  out.waveform = media->waveform;
  content.media = std::move(out);
  return {};
}

std::string name_in(const std::string& vcard) {
  for (std::size_t at = 0; at < vcard.size();) {
    const std::size_t end = std::min(vcard.find('\n', at), vcard.size());
    std::string_view line(vcard.data() + at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    const std::string_view property = line.substr(0, std::min(colon, line.find(';')));
    if (property == "FN" && colon != std::string_view::npos) return std::string(line.substr(colon + 1));
    at = end + 1;
  }
  return "";
}

void put_outbound_contacts(wa::Content& content, const Json& fields) {
  content.kind = Kind::Contact;
  const auto add = [&](const std::string& vcard) { content.contacts.push_back({name_in(vcard), vcard}); };
  if (const std::string one = text_field(fields, "vcard_data"); !one.empty()) add(one);
  if (!fields.contains("contacts")) return;
  for (const Json& card : fields["contacts"]) {
    if (card.is_string()) add(card.get<std::string>());
  }
}

void put_outbound_location(wa::Content& content, const Json& fields) {
  content.kind = Kind::Location;
  wa::LocationContent out;
  out.latitude = fields.value("latitude", 0.0);
  out.longitude = fields.value("longitude", 0.0);
  out.name = text_field(fields, "name");
  out.address = text_field(fields, "address");
  content.location = std::move(out);
}

// Of a reaction, an edit and a revocation: the message that they are about.
void put_outbound_target(wa::Content& content, const Json& fields, const store::MessageRow& row) {
  const Json target = fields.value("target", Json::object());
  wa::MessageKey key;
  key.chat = row.chat_id;
  key.id = text_field(target, "wa_message_id");
  key.from_me = target.value("from_me", false);
  key.participant = text_field(target, "participant");
  content.target = std::move(key);
}

}  // namespace

void describe(const wa::Content& content, const Readable& readable, store::MessageRow& row) {
  row.message_type = type_of(content);
  if (content.kind != Kind::Media) row.content = content.text;
  Json fields = Json::object();
  put_kind(fields, content);
  put_context(fields, content.context, readable);
  put_flag(fields, "view_once", content.is_view_once);
  if (!fields.empty()) row.fields = fields.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<store::MessageMediaRow> media_row_of(const wa::Content& content, const std::string& session, Time now) {
  if (content.kind != Kind::Media) return std::nullopt;
  const wa::MediaContent& media = *content.media;
  store::MessageMediaRow row;
  row.session = session;
  row.state = can_be_fetched(media) ? store::MediaState::PENDING : store::MediaState::FAILED;
  if (row.state == store::MediaState::FAILED) row.error = "the message has no key or path of its file";
  row.kind = to_string(media.file.kind);
  row.mimetype = media.file.mimetype;
  row.filename = media.filename;
  row.url = media.file.url;
  row.direct_path = media.file.direct_path;
  row.media_key = media.file.media_key;
  row.sha256 = media.file.sha256;
  row.enc_sha256 = media.file.enc_sha256;
  row.length = static_cast<std::int64_t>(std::min<std::uint64_t>(media.file.length, INT64_MAX));
  row.key_time = media.file.key_time;
  row.next_attempt_at = now;
  Json facts = Json::object();
  put_facts(facts, media);
  if (!facts.empty()) row.facts = facts.dump();
  row.thumbnail = media.thumbnail;
  row.waveform = media.waveform;
  return row;
}

wa::MediaFile media_file_of(const store::MessageMediaRow& row) {
  wa::MediaFile file;
  file.kind = wa::media_kind_from(row.kind).value_or(wa::MediaKind::Document);
  file.mimetype = row.mimetype;
  file.url = row.url;
  file.direct_path = row.direct_path;
  file.media_key = row.media_key;
  file.sha256 = row.sha256;
  file.enc_sha256 = row.enc_sha256;
  file.length = static_cast<std::uint64_t>(row.length);
  file.key_time = row.key_time;
  return file;
}

bool needs_media(const store::MessageRow& row) { return wa::media_kind_from(row.message_type).has_value(); }

bool wants_link_preview(const store::MessageRow& row) {
  if (row.message_type != "text" || row.fields.find("link_preview") == std::string::npos) return false;
  const Json fields = fields_of(row);
  const auto wanted = fields.find("link_preview");
  return wanted != fields.end() && wanted->is_boolean() && wanted->get<bool>();
}

std::string reply_target(const store::MessageRow& row) {
  return row.fields.find("reply_to") == std::string::npos ? "" : text_field(fields_of(row), "reply_to");
}

Result<wa::Content> content_of(const store::MessageRow& row, const store::MessageMediaRow* media,
                               std::optional<wa::Quote> quote, const Mention& mention) {
  const Json fields = fields_of(row);
  wa::Content out;
  out.text = row.content;
  if (row.message_type == "text") {
    out.kind = Kind::Text;
  } else if (needs_media(row)) {
    if (auto put = put_outbound_media(out, fields, media); !put) return fail(put.error());
  } else if (row.message_type == "location") {
    put_outbound_location(out, fields);
  } else if (row.message_type == "contact") {
    put_outbound_contacts(out, fields);
  } else if (row.message_type == "reaction" || row.message_type == "edit" || row.message_type == "revoke") {
    out.kind = row.message_type == "reaction" ? Kind::Reaction : row.message_type == "edit" ? Kind::Edit : Kind::Revoke;
    put_outbound_target(out, fields, row);
    if (out.kind == Kind::Edit) out.edited = wa::encode_text(row.content);
  } else {
    return fail(ErrorCode::MESSAGE_TYPE_UNSUPPORTED, row.message_type);
  }
  out.context.quote = std::move(quote);
  if (fields.contains("mentions")) {
    for (const Json& written : fields["mentions"]) {
      if (written.is_string()) out.context.mentions.push_back(mention(written.get<std::string>()));
    }
  }
  return out;
}

}  // namespace konekwa::session
