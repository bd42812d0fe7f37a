#include "daemon/http/router.h"

using namespace konekwa;
using namespace konekwa::http;

namespace {

Route route(std::string_view method, std::string_view pattern) {
  return {method, pattern, kPublic, [](const Call&) {}};
}

Router::Match find(const Router& router, std::string_view method, std::string_view path) {
  return router.find(method, parse_target(path)->segments);
}

}  // namespace

TEST_CASE("a route is found by method and path, with its parameters") {
  const auto router = Router::make({route("GET", "/v1/sessions"), route("GET", "/v1/sessions/:id"),
                                    route("DELETE", "/v1/sessions/:id"), route("POST", "/v1/sessions/:id/connect")});
  REQUIRE(router);
  const auto match = find(*router, "POST", "/v1/sessions/ses_1/connect");
  REQUIRE(match.route != nullptr);
  CHECK(match.route->pattern == "/v1/sessions/:id/connect");
  CHECK(match.params == std::vector<std::string>{"ses_1"});
  CHECK(find(*router, "HEAD", "/v1/sessions").route != nullptr);
}

TEST_CASE("an unknown path differs from a known one with another method") {
  const auto router = Router::make({route("GET", "/v1/sessions/:id"), route("DELETE", "/v1/sessions/:id")});
  CHECK(find(*router, "GET", "/v1/nothing").allowed_methods.empty());
  CHECK(find(*router, "GET", "/v1/sessions/").allowed_methods.empty());
  const auto match = find(*router, "PUT", "/v1/sessions/x");
  CHECK(match.route == nullptr);
  CHECK(match.allowed_methods == "GET, HEAD, DELETE");
}

TEST_CASE("a literal segment wins over a parameter, whatever the order") {
  const auto router = Router::make({route("GET", "/v1/:any"), route("GET", "/v1/me")});
  REQUIRE(router);
  CHECK(find(*router, "GET", "/v1/me").route->pattern == "/v1/me");
  CHECK(find(*router, "GET", "/v1/you").route->pattern == "/v1/:any");
}

TEST_CASE("two routes for one request are refused") {
  CHECK_FALSE(Router::make({route("GET", "/a/:x"), route("GET", "/a/:y")}));
  CHECK_FALSE(Router::make({route("GET", "/a"), route("GET", "/a")}));
  CHECK(Router::make({route("GET", "/a"), route("POST", "/a")}));
}
