// A delivery as an HTTP request: the headers of the Standard Webhooks convention, signed at this moment. Pure.
#pragma once

#include "common/error.h"
#include "common/random.h"
#include "daemon/net/web_client.h"
#include "daemon/store/deliveries.h"
#include "daemon/store/sessions.h"
#include "daemon/store/webhooks.h"

namespace konekwa::events {

inline constexpr Duration kWebhookTimeout = seconds(15);
inline constexpr std::size_t kResponseKept = 1024;   // octets of an answer, in the log of deliveries

// `row` with body, secret and headers. INTERNAL_ERROR when the secret is damaged.
Result<net::WebRequest> webhook_request(const store::DeliveryRow& row, Time now);

// The beginning of an answer, as text that can be shown.
std::string response_kept(std::string_view body);

// A webhook.test event for `target` ("message" or "status"), which is nowhere stored.
store::DeliveryRow test_delivery(const store::SessionRow& session, const store::WebhookSettings& settings,
                                 const std::string& target, Time now, Random& ids);

}  // namespace konekwa::events
