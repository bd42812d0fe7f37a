// /v1/sessions
#include "daemon/http/api.h"

namespace konekwa::http {

Routes sessions_routes(Gateway& gateway) {
  const Handler connect = [&gateway](Call call) {
    gateway.connect_session(call.caller, call.params[0], answer_to(call));
  };
  return {
      {"POST", "/v1/sessions", "sessions:write",
       [&gateway](Call call) {
         gateway.create_session(call.caller, std::move(call.request.body), idempotency_key_of(call), answer_to(call));
       }},
      {"GET", "/v1/sessions", "sessions:read",
       [&gateway](Call call) { call.respond(to_response(gateway.list_sessions(call.caller))); }},
      {"GET", "/v1/sessions/:id", "sessions:read",
       [&gateway](Call call) { call.respond(to_response(gateway.show_session(call.caller, call.params[0]))); }},
      {"DELETE", "/v1/sessions", "sessions:write",
       [&gateway](Call call) { gateway.delete_sessions(call.caller, answer_to(call)); }},
      {"PATCH", "/v1/sessions/:id", "sessions:write",
       [&gateway](Call call) {
         gateway.update_session(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
      {"DELETE", "/v1/sessions/:id", "sessions:write",
       [&gateway](Call call) { gateway.delete_session(call.caller, call.params[0], answer_to(call)); }},
      {"POST", "/v1/sessions/:id/connect", "sessions:write", connect},
      {"POST", "/v1/sessions/:id/reconnect", "sessions:write", connect},
      {"POST", "/v1/sessions/:id/disconnect", "sessions:write",
       [&gateway](Call call) { gateway.disconnect_session(call.caller, call.params[0], answer_to(call)); }},
      {"POST", "/v1/sessions/:id/restart-qr", "sessions:write",
       [&gateway](Call call) { gateway.restart_qr(call.caller, call.params[0], answer_to(call)); }},
      {"POST", "/v1/sessions/:id/reset", "sessions:write",
       [&gateway](Call call) { gateway.reset_session(call.caller, call.params[0], answer_to(call)); }},
      {"PATCH", "/v1/sessions/:id/settings", "sessions:write",
       [&gateway](Call call) {
         gateway.update_settings(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
  };
}

}  // namespace konekwa::http
