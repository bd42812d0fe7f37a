// What a session's webhooks want beside their URLs, as the API reads and shows it.
#pragma once

#include <optional>

#include "common/json.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/store/webhooks.h"

namespace konekwa {

inline constexpr std::size_t kWebhookHeadersMax = 16;
inline constexpr std::size_t kWebhookListMax = 100;        // events, and chats to ignore
inline constexpr std::size_t kHeaderValueMax = 1024;

// What a request changes; nothing: it stays as it is.
struct WebhookChange {
  std::optional<std::string> message_url, status_url;      // "": cleared, as null does
  std::optional<std::vector<std::string>> events, ignore_chats;
  std::optional<std::vector<std::pair<std::string, std::string>>> headers;

  bool changes_settings() const { return events || ignore_chats || headers; }
  // Setting a URL, also to what it was, takes back that its receiver is gone.
  void apply(store::WebhookSettings& settings) const;
};

// INVALID_WEBHOOK_URL and INVALID_REQUEST, in `fields`.
WebhookChange read_webhook_change(JsonFields& fields, std::string_view default_country);

// Values of headers are masked: they are often secrets.
void put_webhook_settings(Json& webhooks, const store::WebhookSettings& settings);

}  // namespace konekwa
