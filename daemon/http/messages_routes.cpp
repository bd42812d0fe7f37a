// /v1/messages
#include "daemon/http/api.h"

namespace konekwa::http {

Routes messages_routes(Gateway& gateway) {
  return {
      {"POST", "/v1/messages", "messages:send",
       [&gateway](Call call) {
         gateway.send_message(call.caller, std::move(call.request.body), idempotency_key_of(call), answer_to(call));
       }},
      {"GET", "/v1/messages", "messages:read",
       [&gateway](Call call) {
         call.respond(to_response(gateway.list_messages(call.caller, call.request.target.query)));
       }},
      {"GET", "/v1/messages/:id", "messages:read",
       [&gateway](Call call) { call.respond(to_response(gateway.show_message(call.caller, call.params[0]))); }},
      {"PATCH", "/v1/messages/:id", "messages:send",
       [&gateway](Call call) {
         gateway.edit_message(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
      {"POST", "/v1/messages/:id/react", "messages:send",
       [&gateway](Call call) {
         gateway.react(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
      {"DELETE", "/v1/messages/:id", "messages:send",
       [&gateway](Call call) {
         gateway.delete_message(call.caller, call.params[0], call.request.target.query, answer_to(call));
       }},
  };
}

}  // namespace konekwa::http
