#include "daemon/http/api.h"

#include <iterator>

#include "common/log.h"
#include "daemon/http/auth.h"

namespace konekwa::http {
namespace {

constexpr std::size_t kAddressMax = 45;   // of an IPv6 address with an IPv4 one in it

// Without a type, and with the one that curl sends unasked, a body is taken for the JSON that it should be.
bool is_json_type(const std::string* content_type) {
  if (content_type == nullptr || content_type->empty()) return true;
  std::string type = content_type->substr(0, content_type->find(';'));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return type == "application/json" || type == "application/x-www-form-urlencoded";
}

// The client behind a reverse proxy on this machine; nobody else is believed.
std::string client_address(const Request& request) {
  const std::string& peer = request.peer.address;
  const std::string* forwarded = request.header.find("x-forwarded-for");
  if (forwarded == nullptr || !request.peer.is_loopback()) return peer;
  // The last entry is the one that the proxy added.
  const std::size_t comma = forwarded->rfind(',');
  std::string last = comma == std::string::npos ? *forwarded : forwarded->substr(comma + 1);
  std::erase(last, ' ');
  return last.empty() || last.size() > kAddressMax ? peer : last;
}

Response too_many(const RateLimiter::Verdict& verdict) {
  Response response = to_response(Error(ErrorCode::RATE_LIMIT_EXCEEDED));
  for (auto& [name, value] : response.headers) {
    if (name == "Retry-After") value = std::to_string(verdict.retry_after_s);
  }
  return response;
}

class Api final : public Application {
 public:
  Api(Gateway& gateway, const Loop& clock, RateLimits limits)
      : gateway_(gateway), clock_(clock), per_key_(limits.per_key), per_address_(limits.per_address) {}

  Result<> build() {
    auto router = Router::make(all_routes(gateway_, metrics_));
    if (!router) return fail(router.error());
    router_ = std::move(*router);
    return {};
  }

  std::variant<Response, Admitted> admit(const Request& request) override {
    const Time began_at = clock_.now();
    const Router::Match match = router_.find(request.header.method, request.target.segments);
    auto decided = decide(request, match);
    if (auto* refusal = std::get_if<Response>(&decided)) {
      count(match.route, request, refusal->status, began_at);
      return std::move(*refusal);
    }
    Admission& admission = std::get<Admission>(decided);
    std::shared_ptr<BodySink> sink = std::move(admission.sink);
    Run with_body = [this, route = match.route, params = match.params, admission, began_at, weak = std::weak_ptr(sink)](
                        Request complete, Respond respond, const Later& later) {
      Respond counted = [this, route, admission, began_at, head = complete.header.method,
                         respond = std::move(respond)](Response response) {
        metrics_.count(head, route->pattern, response.status, clock_.now() - began_at);
        respond(with_headers(std::move(response), admission));
      };
      if (const auto open = weak.lock()) return open->finish(std::move(counted));
      run(*route, Call{std::move(complete), params, admission.caller, std::move(counted), later});
    };
    return Admitted{std::move(with_body), !admission.caller.scopes.empty(), std::move(sink)};
  }

 private:
  struct Admission {
    Caller caller;                                               // nobody on a public route without a key
    std::vector<std::pair<std::string, std::string>> headers;    // that every answer gets
    std::shared_ptr<BodySink> sink{};                            // for the body, where the route wants one
  };

  // Who asks, and whether they may.
  std::variant<Response, Admission> decide(const Request& request, const Router::Match& match) {
    if (auto barred = check_peer(request.peer); !barred) return to_response(barred.error());
    if (match.route == nullptr) return no_route(request, match);
    const std::string_view access = match.route->access;
    const std::string address = client_address(request);
    auto caller = identify(gateway_, request, address);
    if (access == kPublic || !caller) {
      // Wrong keys are counted by address, so that whoever guesses does not touch those who know theirs.
      if (const auto verdict = take_address(*match.route, request.peer, address); !verdict.is_allowed) {
        Response refusal = too_many(verdict);
        return access == kPublic ? as_public(std::move(refusal)) : std::move(refusal);
      }
      // A public route needs no key, and takes a wrong one for none.
      if (access != kPublic) return to_response(caller.error());
    }
    Admission out{caller.value_or(Caller{}), {}};
    if (access != kPublic) {
      const auto verdict = take_key(out.caller);
      out.headers = limit_headers(verdict);
      if (!verdict.is_allowed) return with_headers(too_many(verdict), out);
      if (access != kAnyKey && !caller->may(access)) {
        return with_headers(to_response(Error(ErrorCode::FORBIDDEN, "scope " + std::string(access))), out);
      }
    }
    if (match.route->open_sink) return with_sink(*match.route, request, std::move(out));
    if (request.header.has_body() && !is_json_type(request.header.find("content-type"))) {
      return with_headers(to_response(Error(ErrorCode::UNSUPPORTED_MEDIA_TYPE)), out);
    }
    return out;
  }

  static std::variant<Response, Admission> with_sink(const Route& route, const Request& request, Admission admission) {
    auto sink = route.open_sink(request, admission.caller);
    if (!sink) return with_headers(to_response(sink.error()), admission);
    admission.sink = std::move(*sink);
    return admission;
  }

  RateLimiter::Verdict take_address(const Route& route, const Peer& peer, const std::string& address) {
    if (peer.is_unix_socket || is_never_limited(route)) return {};
    return per_address_.take(address, clock_.now());
  }

  RateLimiter::Verdict take_key(const Caller& caller) {
    return caller.token_id.empty() ? RateLimiter::Verdict{} : per_key_.take(caller.token_id, clock_.now());
  }

  // RateLimit-Policy and RateLimit, as draft-ietf-httpapi-ratelimit-headers has them.
  std::vector<std::pair<std::string, std::string>> limit_headers(const RateLimiter::Verdict& verdict) const {
    if (!verdict.has_limit) return {};
    return {{"RateLimit-Policy", fmt::format("\"default\";q={};w=1", per_key_.rate())},
            {"RateLimit", fmt::format("\"default\";r={};t={}", verdict.remaining, verdict.reset_s)}};
  }

  static Response with_headers(Response response, const Admission& admission) {
    for (const auto& header : admission.headers) response.headers.push_back(header);
    return response;
  }

  // Whether the daemon lives must be answered at any time.
  static bool is_never_limited(const Route& route) { return route.pattern == "/health" || route.pattern == "/ready"; }

  void count(const Route* route, const Request& request, int status, Time began_at) {
    const std::string_view method = route == nullptr ? "other" : std::string_view(request.header.method);
    metrics_.count(method, route == nullptr ? "none" : route->pattern, status, clock_.now() - began_at);
  }

  static Response no_route(const Request& request, const Router::Match& match) {
    if (match.allowed_methods.empty()) {
      return to_response(Error(ErrorCode::NOT_FOUND, request.header.method + " " + request.header.target));
    }
    Response response = to_response(Error(ErrorCode::METHOD_NOT_ALLOWED, "allowed: " + match.allowed_methods));
    response.headers.emplace_back("Allow", match.allowed_methods);
    return response;
  }

  // An exception out of a handler is our mistake. The request fails, the daemon goes on.
  static void run(const Route& route, Call call) {
    const Respond respond = call.respond;
    const std::string id = call.request.id;
    try {
      route.handler(std::move(call));
    } catch (const std::exception& e) {
      log::error("http", "{} {} (request {}): {}", route.method, route.pattern, id, e.what());
      respond(to_response(Error(ErrorCode::INTERNAL_ERROR, "request " + id)));
    }
  }

  Gateway& gateway_;
  const Loop& clock_;
  RateLimiter per_key_, per_address_;
  Metrics metrics_;
  Router router_;
};

}  // namespace

Routes all_routes(Gateway& gateway, const Metrics& metrics) {
  Routes out = metrics_routes(gateway, metrics);
  for (const auto make : {health_routes, sessions_routes, webhooks_routes, messages_routes, media_routes, backup_routes,
                          groups_routes, templates_routes, tokens_routes, tenants_routes, events_routes,
                          public_routes, openapi_routes}) {
    Routes some = make(gateway);
    out.insert(out.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return out;
}

Result<std::unique_ptr<Application>> make_api(Gateway& gateway, const Loop& clock, RateLimits limits) {
  auto api = std::make_unique<Api>(gateway, clock, limits);
  if (auto built = api->build(); !built) return fail(built.error());
  return api;
}

Response as_public(Response response) {
  if (!response.source) response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  return response;
}

Gateway::Answer answer_to(const Call& call) {
  return [respond = call.respond](Result<Reply> result) { respond(to_response(std::move(result))); };
}

std::string idempotency_key_of(const Call& call) {
  const std::string* key = call.request.header.find("idempotency-key");
  return key == nullptr ? std::string() : *key;
}

}  // namespace konekwa::http
