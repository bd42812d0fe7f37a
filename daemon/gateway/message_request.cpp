#include "daemon/gateway/message_request.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/utf8.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/template_text.h"
#include "daemon/net/web_client.h"

namespace konekwa {
namespace {

constexpr std::size_t kClientReferenceMax = 255;
constexpr std::size_t kFilenameBytesMax = 255;
constexpr std::size_t kVcardBytesMax = 65'536;
constexpr std::size_t kPlaceholderValuesMax = 200;
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

void read_media(JsonFields& fields, const MessageType& type, MessageRequest& out) {
  const std::string url = fields.required_text("media_url");
  const std::string problem = url.empty() ? "" : net::url_problem(url);
  if (!problem.empty()) fields.refuse("media_url", ErrorCode::INVALID_MEDIA_URL, ": " + problem);
  out.texts["media_url"] = url;
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

void read_vcard(JsonFields& fields, MessageRequest& out) {
  const std::string vcard = fields.required_text("vcard_data");
  check_size(fields, "vcard_data", vcard, kVcardBytesMax);
  const bool is_vcard = vcard.starts_with("BEGIN:VCARD") && vcard.find("END:VCARD") != std::string::npos;
  if (!is_vcard) fields.refuse("vcard_data", ErrorCode::INVALID_REQUEST, "must be from BEGIN:VCARD to END:VCARD");
  out.texts["vcard_data"] = vcard;
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
  }
  if (type->takes_media_url) read_media(fields, *type, out);
  if (out.message_type == "location") {
    out.latitude = degrees(fields, "latitude", 90);
    out.longitude = degrees(fields, "longitude", 180);
  }
  if (out.message_type == "contact") read_vcard(fields, out);
}

void read_times(JsonFields& fields, MessageRequest& out, Time now) {
  const std::string name = fields.has("send_at") ? "send_at" : "scheduled_at";
  if (const auto text = fields.text(name); text && !text->empty()) {
    const auto at = from_rfc3339(*text);
    if (!at) fields.refuse(name, ErrorCode::INVALID_DATE, "must be such as 2026-03-10T10:30:00+07:00");
    else if (*at > now + kSendAtMax) fields.refuse(name, ErrorCode::INVALID_DATE, "is more than a year away");
    else if (*at > now) out.send_at = *at;
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
  for (const char* name : {"caption", "media_url", "filename"}) {
    if (const auto it = texts.find(name); it != texts.end()) out[name] = it->second;
  }
  if (latitude) out["latitude"] = *latitude;
  if (longitude) out["longitude"] = *longitude;
  if (const auto it = texts.find("vcard_data"); it != texts.end()) out["vcard_data"] = it->second;
  return out.empty() ? std::string() : out.dump();
}

Result<MessageRequest> read_message_request(const std::string& body, Time now) {
  MessageRequest out;
  JsonFields fields(body);
  out.session = fields.required_text("session_id");
  out.recipient = fields.required_text("recipient");
  out.message_type = fields.required_text("message_type");
  fields.not_built_yet({"reply_to"});
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
