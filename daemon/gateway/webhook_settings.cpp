#include "daemon/gateway/webhook_settings.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "daemon/events/event_types.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/recipient.h"
#include "daemon/net/web_client.h"

namespace konekwa {
namespace {

// Ours, and those that say how the message is framed.
constexpr std::array<std::string_view, 13> kReservedHeaders = {
    "host",      "content-type", "content-length", "transfer-encoding", "connection",  "user-agent", "expect",
    "upgrade",   "te",           "trailer",        "webhook-id",        "webhook-timestamp", "webhook-signature"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool is_token(std::string_view name) {   // of RFC 9110
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto is_token_char = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), is_token_char);
}

std::string header_problem(const std::string& name, const std::string& value) {
  if (!is_token(name)) return "has a name that is no name of a header";
  const std::string plain = lower(name);
  const bool is_reserved = plain.starts_with("x-konekwa-") ||
                           std::find(kReservedHeaders.begin(), kReservedHeaders.end(), plain) != kReservedHeaders.end();
  if (is_reserved) return "cannot set " + name + ", which konekwad sets itself";
  const auto is_visible = [](char c) { return c >= 0x20 && c < 0x7f; };
  const bool is_right = !value.empty() && value.size() <= kHeaderValueMax &&
                        std::all_of(value.begin(), value.end(), is_visible);
  return is_right ? "" : fmt::format("needs 1 to {} visible ASCII characters for {}", kHeaderValueMax, name);
}

std::vector<std::pair<std::string, std::string>> read_headers(JsonFields& fields) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto given = fields.text_map("headers").value_or(std::map<std::string, std::string>{});
  if (given.size() > kWebhookHeadersMax) {
    fields.refuse("headers", ErrorCode::INVALID_REQUEST, fmt::format("takes at most {}", kWebhookHeadersMax));
  }
  for (const auto& [name, value] : given) {
    const std::string problem = header_problem(name, value);
    if (!problem.empty()) fields.refuse("headers", ErrorCode::INVALID_REQUEST, problem);
    out.emplace_back(name, value);
  }
  return out;
}

std::vector<std::string> read_list(JsonFields& fields, const std::string& name) {
  auto list = fields.texts(name).value_or(std::vector<std::string>{});
  if (list.size() > kWebhookListMax) {
    fields.refuse(name, ErrorCode::INVALID_REQUEST, fmt::format("takes at most {}", kWebhookListMax));
  }
  return list;
}

std::vector<std::string> read_events(JsonFields& fields) {
  auto events = read_list(fields, "events");
  for (const std::string& event : events) {
    const std::string problem = events::event_pattern_problem(event);
    if (!problem.empty()) fields.refuse("events", ErrorCode::INVALID_REQUEST, problem);
  }
  return events;
}

// Chats in the one form that is stored; words for kinds of chats as they are.
std::vector<std::string> read_ignored(JsonFields& fields, std::string_view default_country) {
  std::vector<std::string> out;
  for (const std::string& chat : read_list(fields, "ignore_chats")) {
    const auto recipient = parse_recipient(chat, default_country);
    if (!recipient && !events::is_chat_kind(chat)) {
      fields.refuse("ignore_chats", ErrorCode::INVALID_REQUEST,
                    fmt::format("has '{}', which is no chat and none of groups, status, broadcasts, channels: {}",
                                chat.substr(0, 64), recipient.error().details));
    }
    out.push_back(recipient ? recipient->chat_id : chat);
  }
  return out;
}

}  // namespace

std::string read_webhook_url(JsonFields& fields, const std::string& name) {
  std::string url = fields.text(name).value_or("");
  if (url.empty()) return url;
  const std::string problem = net::url_problem(url);
  if (!problem.empty()) fields.refuse(name, ErrorCode::INVALID_WEBHOOK_URL, ": " + problem);
  return url;
}

WebhookChange read_webhook_change(JsonFields& fields, std::string_view default_country) {
  WebhookChange out;
  if (fields.is_present("message")) out.message_url = read_webhook_url(fields, "message");
  if (fields.is_present("status")) out.status_url = read_webhook_url(fields, "status");
  if (fields.is_present("events")) out.events = read_events(fields);
  if (fields.is_present("ignore_chats")) out.ignore_chats = read_ignored(fields, default_country);
  if (fields.is_present("headers")) out.headers = read_headers(fields);
  return out;
}

void WebhookChange::apply(store::WebhookSettings& settings) const {
  if (events) settings.events = *events;
  if (ignore_chats) settings.ignore_chats = *ignore_chats;
  if (headers) settings.headers = *headers;
  if (message_url) settings.message_gone_at.reset();
  if (status_url) settings.status_gone_at.reset();
}

void put_webhook_settings(Json& webhooks, const store::WebhookSettings& settings) {
  if (!settings.events.empty()) webhooks["events"] = settings.events;
  if (!settings.ignore_chats.empty()) webhooks["ignore_chats"] = settings.ignore_chats;
  for (const auto& [name, value] : settings.headers) webhooks["headers"][name] = "***";
  if (settings.message_gone_at) webhooks["message_gone_at"] = to_rfc3339(*settings.message_gone_at);
  if (settings.status_gone_at) webhooks["status_gone_at"] = to_rfc3339(*settings.status_gone_at);
}

}  // namespace konekwa
