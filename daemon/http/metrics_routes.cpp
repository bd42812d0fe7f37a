// /metrics
#include "daemon/http/api.h"

namespace konekwa::http {

Routes metrics_routes(Gateway& gateway, const Metrics& metrics) {
  return {{"GET", "/metrics", "metrics:read", [&gateway, &metrics](Call call) {
             const auto totals = gateway.totals();
             if (!totals) return call.respond(to_response(totals.error()));
             Response response;
             response.content_type = kMetricsType;
             response.body = metrics.text(*totals);
             call.respond(std::move(response));
           }}};
}

}  // namespace konekwa::http
