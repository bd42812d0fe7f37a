// /v1/groups
#include "daemon/http/api.h"

namespace konekwa::http {

Routes groups_routes(Gateway& gateway) {
  return {
      {"GET", "/v1/groups", "sessions:read",
       [&gateway](Call call) { gateway.list_groups(call.caller, call.request.target.query, answer_to(call)); }},
      {"GET", "/v1/groups/:id", "sessions:read",
       [&gateway](Call call) {
         gateway.show_group(call.caller, call.params[0], call.request.target.query, answer_to(call));
       }},
  };
}

}  // namespace konekwa::http
