// Where events of a session go, and what did not arrive there.
#include "daemon/http/api.h"

namespace konekwa::http {

Routes webhooks_routes(Gateway& gateway) {
  return {
      {"PATCH", "/v1/sessions/:id/webhooks", "webhooks:write",
       [&gateway](Call call) {
         gateway.update_webhooks(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
      {"GET", "/v1/sessions/:id/webhooks/secret", "webhooks:write",
       [&gateway](Call call) { call.respond(to_response(gateway.webhook_secret(call.caller, call.params[0]))); }},
      {"POST", "/v1/sessions/:id/webhooks/secret", "webhooks:write",
       [&gateway](Call call) { gateway.rotate_webhook_secret(call.caller, call.params[0], answer_to(call)); }},
      {"POST", "/v1/sessions/:id/webhooks/test", "webhooks:write",
       [&gateway](Call call) { gateway.test_webhooks(call.caller, call.params[0], answer_to(call)); }},
      {"GET", "/v1/webhooks/deliveries", "webhooks:read",
       [&gateway](Call call) {
         call.respond(to_response(gateway.list_deliveries(call.caller, call.request.target.query)));
       }},
      {"GET", "/v1/webhooks/failed", "webhooks:read",
       [&gateway](Call call) {
         call.respond(to_response(gateway.list_failed_webhooks(call.caller, call.request.target.query)));
       }},
      {"POST", "/v1/webhooks/replay", "webhooks:write",
       [&gateway](Call call) {
         gateway.replay_webhooks(call.caller, std::move(call.request.body), answer_to(call));
       }},
      {"POST", "/v1/webhooks/replay/:id", "webhooks:write",
       [&gateway](Call call) {
         gateway.replay_webhook(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
  };
}

}  // namespace konekwa::http
