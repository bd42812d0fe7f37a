// How the daemon is, and where its sandbox is.
#include "daemon/http/api.h"

namespace konekwa::http {

Routes health_routes(Gateway& gateway) {
  return {
      {"GET", "/health", kPublic,
       [&gateway](Call call) { call.respond(to_response(gateway.health(call.caller.is_admin))); }},
      {"GET", "/ready", kPublic, [&gateway](Call call) { call.respond(to_response(gateway.ready())); }},
      {"GET", "/v1/sandbox", "admin",
       [&gateway](Call call) { call.respond(to_response(gateway.sandbox_info(call.caller))); }},
  };
}

}  // namespace konekwa::http
