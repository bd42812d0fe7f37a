// /health, and where the sandbox is.
#include "daemon/http/api.h"

namespace konekwa::http {

Routes health_routes(Gateway& gateway) {
  return {
      {"GET", "/health", kPublic,
       [&gateway](Call call) { call.respond(to_response(gateway.health(call.caller.is_admin))); }},
      {"GET", "/v1/sandbox", "admin",
       [&gateway](Call call) { call.respond(to_response(gateway.sandbox_info(call.caller))); }},
  };
}

}  // namespace konekwa::http
