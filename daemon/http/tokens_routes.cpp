// /v1/tokens, and who a key is.
#include <nlohmann/json.hpp>

#include "daemon/http/api.h"

namespace konekwa::http {
namespace {

Reply describe(const Caller& caller) {
  Json body = {{"tenant", caller.acting_tenant()}};
  if (!caller.token_id.empty()) body["token_id"] = caller.token_id;
  body["is_admin"] = caller.is_admin;
  body["scopes"] = caller.scopes;
  if (!caller.sessions.empty()) body["sessions"] = caller.sessions;
  return {200, body.dump(), {}};
}

}  // namespace

Routes tokens_routes(Gateway& gateway) {
  return {
      {"GET", "/v1/me", kAnyKey, [](Call call) { call.respond(to_response(describe(call.caller))); }},
      {"POST", "/v1/tokens", "admin",
       [&gateway](Call call) { gateway.create_token(call.caller, std::move(call.request.body), answer_to(call)); }},
      {"GET", "/v1/tokens", "admin",
       [&gateway](Call call) { call.respond(to_response(gateway.list_tokens(call.caller))); }},
      {"GET", "/v1/tokens/:id", "admin",
       [&gateway](Call call) { call.respond(to_response(gateway.show_token(call.caller, call.params[0]))); }},
      {"POST", "/v1/tokens/:id/rotate", "admin",
       [&gateway](Call call) {
         gateway.rotate_token(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
      {"DELETE", "/v1/tokens/:id", "admin",
       [&gateway](Call call) { gateway.revoke_token(call.caller, call.params[0], answer_to(call)); }},
  };
}

}  // namespace konekwa::http
