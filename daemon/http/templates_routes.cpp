// /v1/templates
#include "daemon/http/api.h"

namespace konekwa::http {

Routes templates_routes(Gateway& gateway) {
  return {
      {"POST", "/v1/templates", "templates:write",
       [&gateway](Call call) {
         gateway.create_template(call.caller, std::move(call.request.body), idempotency_key_of(call), answer_to(call));
       }},
      {"GET", "/v1/templates", "templates:read",
       [&gateway](Call call) {
         call.respond(to_response(gateway.list_templates(call.caller, call.request.target.query)));
       }},
      {"GET", "/v1/templates/:id", "templates:read",
       [&gateway](Call call) { call.respond(to_response(gateway.show_template(call.caller, call.params[0]))); }},
      {"PUT", "/v1/templates/:id", "templates:write",
       [&gateway](Call call) {
         gateway.update_template(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
      {"DELETE", "/v1/templates/:id", "templates:write",
       [&gateway](Call call) { gateway.delete_template(call.caller, call.params[0], answer_to(call)); }},
  };
}

}  // namespace konekwa::http
