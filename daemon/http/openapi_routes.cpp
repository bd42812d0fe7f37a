// /openapi.json: what the API is, for programs.
#include "daemon/http/api.h"
#include "daemon/http/openapi.h"

namespace konekwa::http {

Routes openapi_routes(Gateway&) {
  return {
      {"GET", "/openapi.json", kPublic,
       [](Call call) {
         Response response;
         response.body = openapi_json();
         response.headers.emplace_back("Access-Control-Allow-Origin", "*");
         call.respond(std::move(response));
       }},
  };
}

}  // namespace konekwa::http
