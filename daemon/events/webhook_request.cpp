#include "daemon/events/webhook_request.h"

#include "common/id.h"
#include "common/json.h"
#include "common/webhook_signature.h"

#include <nlohmann/json.hpp>

namespace konekwa::events {
namespace {

// By the present secret and, after a rotation, by the one before, which the receiver may still have.
std::string signatures(const store::DeliveryRow& row, Time now) {
  std::string out = webhook_signature(row.secret, row.event_id, unix_seconds(now), row.body);
  if (row.secret_previous.empty() || out.empty()) return out;
  return out + " " + webhook_signature(row.secret_previous, row.event_id, unix_seconds(now), row.body);
}

}  // namespace

Result<net::WebRequest> webhook_request(const store::DeliveryRow& row, Time now) {
  std::string signature = signatures(row, now);
  if (signature.empty()) return fail(ErrorCode::INTERNAL_ERROR, "The webhook secret is not valid");
  net::WebRequest request;
  request.url = row.url;
  request.body = row.body;
  request.timeout = kWebhookTimeout;
  request.headers = {{"Content-Type", "application/json"},
                     {"User-Agent", "konekwad/" KONEKWA_VERSION},
                     {"webhook-id", row.event_id},
                     {"webhook-timestamp", std::to_string(unix_seconds(now))},
                     {"webhook-signature", std::move(signature)},
                     {"X-Konekwa-Event", row.event_type},
                     {"X-Konekwa-Attempt", std::to_string(row.attempts + 1)}};
  if (row.replays > 0) request.headers.emplace_back("X-Konekwa-Replay", "true");
  request.headers.insert(request.headers.end(), row.headers.begin(), row.headers.end());
  return request;
}

std::string response_kept(std::string_view body) {
  // The parser of JSON text replaces what is no UTF-8, also a character that is cut.
  const std::string text(body.substr(0, kResponseKept));
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

store::DeliveryRow test_delivery(const store::SessionRow& session, const store::WebhookSettings& settings,
                                 const std::string& target, Time now, Random& ids) {
  store::DeliveryRow row;
  row.event_id = new_ordered_id("evt_", now, ids);
  row.session = session.id;
  row.event_type = "webhook.test";
  row.target = target;
  row.url = target == "message" ? session.webhook_message : session.webhook_status;
  row.secret = session.webhook_secret;
  if (session.webhook_secret_previous_until && *session.webhook_secret_previous_until > now) {
    row.secret_previous = session.webhook_secret_previous;
  }
  row.headers = settings.headers;
  row.body = Json{{"id", row.event_id},         {"event_type", row.event_type},   {"api_version", "v1"},
                  {"session_id", row.session},  {"timestamp", to_rfc3339(now)},   {"data", Json::object()}}
                 .dump();
  return row;
}

}  // namespace konekwa::events
