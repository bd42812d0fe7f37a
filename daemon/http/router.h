// The table of routes: method, path pattern, who may call it, and the handler.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/error.h"
#include "daemon/gateway.h"
#include "daemon/http/exchange.h"

namespace konekwa::http {

// A request that was admitted, on its way through a handler, which answers once by respond(); from any thread.
struct Call {
  Request request;
  std::vector<std::string> params;    // the values of ":name" segments, from left to right
  Caller caller;
  Respond respond;
  Later later;
};
using Handler = std::function<void(Call)>;
// Of a route that takes its body as a stream: where to, decided on the header. An error refuses the request.
using OpenSink = std::function<Result<std::shared_ptr<BodySink>>(const Request&, const Caller&)>;

// Who may call a route. Otherwise the name of a scope.
inline constexpr std::string_view kPublic = "public";
inline constexpr std::string_view kAnyKey = "any key";

struct Route {
  std::string_view method;            // GET also answers HEAD
  std::string_view pattern;           // "/v1/sessions/:id"
  std::string_view access;
  Handler handler;                    // null where there is a sink, which answers itself
  OpenSink open_sink{};
};

class Router {
 public:
  Router() = default;   // no routes
  // CONFLICT when two routes have one method and match the same paths.
  static Result<Router> make(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;     // nothing: see allowed_methods
    std::vector<std::string> params;
    std::string allowed_methods;      // "GET, POST" when the path exists with other methods; "" when it does not
  };
  Match find(std::string_view method, const std::vector<std::string>& segments) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;   // of the routes, taken apart
};

}  // namespace konekwa::http
