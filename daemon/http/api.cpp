#include "daemon/http/api.h"

#include <iterator>

#include "common/log.h"
#include "daemon/http/auth.h"

namespace konekwa::http {
namespace {

// Without a type, and with the one that curl sends unasked, a body is taken for the JSON that it should be.
bool is_json_type(const std::string* content_type) {
  if (content_type == nullptr || content_type->empty()) return true;
  std::string type = content_type->substr(0, content_type->find(';'));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return type == "application/json" || type == "application/x-www-form-urlencoded";
}

class Api final : public Application {
 public:
  Api(Gateway& gateway, Router router) : gateway_(gateway), router_(std::move(router)) {}

  std::variant<Response, Admitted> admit(const Request& request) override {
    if (auto barred = check_peer(request.peer); !barred) return to_response(barred.error());
    Router::Match match = router_.find(request.header.method, request.target.segments);
    if (match.route == nullptr) return no_route(request, match);
    auto caller = identify(gateway_, request);
    const std::string_view access = match.route->access;
    // A public route needs no key, and takes a wrong one for none.
    if (access != kPublic) {
      if (!caller) return to_response(caller.error());
      if (access != kAnyKey && !caller->may(access)) {
        return to_response(Error(ErrorCode::FORBIDDEN, "scope " + std::string(access)));
      }
    }
    if (request.header.has_body() && !is_json_type(request.header.find("content-type"))) {
      return to_response(Error(ErrorCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Run with_body = [route = match.route, params = std::move(match.params), who = caller.value_or(Caller{})](
                        Request complete, Respond respond, const Later& later) {
      run(*route, Call{std::move(complete), params, who, std::move(respond), later});
    };
    return Admitted{std::move(with_body), caller.has_value()};
  }

 private:
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
  const Router router_;
};

}  // namespace

Routes all_routes(Gateway& gateway) {
  Routes out;
  for (const auto make : {health_routes, sessions_routes, messages_routes, tokens_routes, public_routes}) {
    Routes some = make(gateway);
    out.insert(out.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return out;
}

Result<std::unique_ptr<Application>> make_api(Gateway& gateway) {
  auto router = Router::make(all_routes(gateway));
  if (!router) return fail(router.error());
  return std::make_unique<Api>(gateway, std::move(*router));
}

Gateway::Answer answer_to(const Call& call) {
  return [respond = call.respond](Result<Reply> result) { respond(to_response(std::move(result))); };
}

std::string idempotency_key_of(const Call& call) {
  const std::string* key = call.request.header.find("idempotency-key");
  return key == nullptr ? std::string() : *key;
}

}  // namespace konekwa::http
