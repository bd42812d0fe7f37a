// The API as an Application: finds the route, checks who may call it, and runs its handler. What each route does is in
// one file a noun: *_routes.cpp.
#pragma once

#include <memory>
#include <vector>

#include "common/error.h"
#include "daemon/gateway.h"
#include "daemon/http/exchange.h"
#include "daemon/http/metrics.h"
#include "daemon/http/rate_limit.h"
#include "daemon/http/router.h"

namespace konekwa::http {

using Routes = std::vector<Route>;

Routes health_routes(Gateway& gateway);
Routes sessions_routes(Gateway& gateway);
Routes messages_routes(Gateway& gateway);
Routes media_routes(Gateway& gateway);
Routes backup_routes(Gateway& gateway);
Routes groups_routes(Gateway& gateway);
Routes tokens_routes(Gateway& gateway);
Routes templates_routes(Gateway& gateway);
Routes webhooks_routes(Gateway& gateway);
Routes tenants_routes(Gateway& gateway);
Routes events_routes(Gateway& gateway);
Routes public_routes(Gateway& gateway);
Routes openapi_routes(Gateway& gateway);
Routes metrics_routes(Gateway& gateway, const Metrics& metrics);
Routes all_routes(Gateway& gateway, const Metrics& metrics);

// `gateway` and `clock` must outlive it. CONFLICT when the table of routes contradicts itself.
Result<std::unique_ptr<Application>> make_api(Gateway& gateway, const Loop& clock, RateLimits limits = {});

// For handlers.
Gateway::Answer answer_to(const Call& call);
std::string idempotency_key_of(const Call& call);
Response as_public(Response response);   // not to be kept, and for pages of any origin; a stream says the first itself

}  // namespace konekwa::http
