// /v1/tenants
#include "daemon/http/api.h"

namespace konekwa::http {

Routes tenants_routes(Gateway& gateway) {
  return {
      {"POST", "/v1/tenants", "admin",
       [&gateway](Call call) { gateway.create_tenant(call.caller, std::move(call.request.body), answer_to(call)); }},
      {"GET", "/v1/tenants", "admin",
       [&gateway](Call call) { call.respond(to_response(gateway.list_tenants(call.caller))); }},
      {"GET", "/v1/tenants/:id", "admin",
       [&gateway](Call call) { call.respond(to_response(gateway.show_tenant(call.caller, call.params[0]))); }},
      {"PATCH", "/v1/tenants/:id", "admin",
       [&gateway](Call call) {
         gateway.update_tenant(call.caller, call.params[0], std::move(call.request.body), answer_to(call));
       }},
      {"DELETE", "/v1/tenants/:id", "admin",
       [&gateway](Call call) { gateway.delete_tenant(call.caller, call.params[0], answer_to(call)); }},
  };
}

}  // namespace konekwa::http
