#include "daemon/http/router.h"

#include <algorithm>

namespace konekwa::http {
namespace {

bool is_parameter(const std::string& segment) { return !segment.empty() && segment.front() == ':'; }

// A path that both match would be answered by whichever stands first in the table.
bool overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x == y || (is_parameter(x) && is_parameter(y)); });
}

// Literal segments win over parameters: "/v1/sessions/all" is not the session "all".
int literal_count(const std::vector<std::string>& pattern) {
  return static_cast<int>(pattern.size() - std::count_if(pattern.begin(), pattern.end(), is_parameter));
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                    [](const auto& p, const auto& s) { return is_parameter(p) ? !s.empty() : p == s; });
}

bool serves(const Route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

}  // namespace

Result<Router> Router::make(std::vector<Route> routes) {
  Router router;
  for (Route& route : routes) {
    const auto target = parse_target(route.pattern);
    if (!target) return fail(ErrorCode::CONFLICT, "not a pattern: " + std::string(route.pattern));
    for (std::size_t i = 0; i < router.routes_.size(); ++i) {
      if (router.routes_[i].method != route.method || !overlap(router.patterns_[i], target->segments)) continue;
      const std::string_view earlier = router.routes_[i].pattern;
      return fail(ErrorCode::CONFLICT, fmt::format("{} {} and {}", route.method, earlier, route.pattern));
    }
    router.patterns_.push_back(target->segments);
    router.routes_.push_back(std::move(route));
  }
  return router;
}

Router::Match Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  Match match;
  int best = -1;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (!matches(patterns_[i], segments)) continue;
    const std::string_view name = routes_[i].method;
    if (match.allowed_methods.find(name) == std::string::npos) {
      match.allowed_methods += (match.allowed_methods.empty() ? "" : ", ") + std::string(name);
      if (name == "GET") match.allowed_methods += ", HEAD";
    }
    if (!serves(routes_[i], method) || literal_count(patterns_[i]) <= best) continue;
    best = literal_count(patterns_[i]);
    match.route = &routes_[i];
    match.params.clear();
    for (std::size_t k = 0; k < segments.size(); ++k) {
      if (is_parameter(patterns_[i][k])) match.params.push_back(segments[k]);
    }
  }
  return match;
}

}  // namespace konekwa::http
