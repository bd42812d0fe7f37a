#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "daemon/events/event_types.h"
#include "daemon/http/openapi.h"
#include "daemon/store/messages.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Codes = std::map<std::string, int>;   // to the HTTP status

namespace {

const Json& document() {
  static const Json kDocument = Json::parse(http::openapi_json());
  return kDocument;
}

const Json& schema(const std::string& name) { return document().at("components").at("schemas").at(name); }

// "/v1/messages/:id" as the document writes it: "/v1/messages/{id}".
std::string documented_path(std::string_view pattern) {
  std::string out;
  bool is_name = false;
  for (const char c : pattern) {
    if (is_name && c == '/') out += '}';
    if (c == '/') is_name = false;
    out += c == ':' ? '{' : c;
    if (c == ':') is_name = true;
  }
  return is_name ? out + '}' : out;
}

// "GET /v1/messages/{id}: messages:read"
using Operations = std::set<std::string>;

Operations of_router() {
  ApiFixture f;
  Operations out;
  for (const http::Route& route : http::all_routes(f.gateway, http::Metrics())) {
    out.insert(fmt::format("{} {}: {}", route.method, documented_path(route.pattern), route.access));
  }
  return out;
}

Operations of_document() {
  Operations out;
  for (const auto& [path, item] : document().at("paths").items()) {
    for (const auto& [name, operation] : item.items()) {
      if (name == "parameters") continue;
      std::string method = name;
      for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      out.insert(fmt::format("{} {}: {}", method, path, operation.at("x-konekwa-access").get<std::string>()));
    }
  }
  return out;
}

Operations without(const Operations& all, const Operations& some) {
  Operations out;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::inserter(out, out.end()));
  return out;
}

Codes table_of_errors() {
  return {
#define X(code, http_status, exit_code, retryable, text) {#code, http_status},
#include "common/errors.def"
#undef X
  };
}

// They stay between the parts of the daemon, or are the CLI's.
const std::set<std::string> kInternal = {"PROTOCOL", "BAD_SIGNATURE", "DUPLICATE", "NO_SESSION",  "UNTRUSTED",
                                         "NETWORK",  "TIMEOUT",       "CANCELLED", "UNREACHABLE", "PROXY_ERROR"};

}  // namespace

TEST_CASE("every route is an operation of openapi.yaml with its access, and every operation is a route") {
  const Operations routes = of_router();
  const Operations documented = of_document();
  CHECK(without(routes, documented) == Operations{});
  CHECK(without(documented, routes) == Operations{});
}

TEST_CASE("openapi.yaml names every error code that a user may see, with its status, and no other") {
  Codes documented = schema("ErrorCode").at("x-konekwa-status").get<Codes>();
  std::set<std::string> listed = schema("ErrorCode").at("enum").get<std::set<std::string>>();
  for (const auto& [code, status] : documented) CHECK(listed.erase(code) == 1);
  CHECK(listed.empty());

  const auto of_messages = schema("MessageErrorCode").at("enum").get<std::set<std::string>>();
  for (const auto& [code, status] : table_of_errors()) {
    INFO(code);
    const auto found = documented.find(code);
    const bool is_answered = found != documented.end();
    if (is_answered) CHECK(found->second == status);
    CHECK((is_answered || of_messages.count(code) == 1) != (kInternal.count(code) == 1));
  }
  std::set<std::string> unknown = of_messages;
  for (const auto& [code, status] : documented) unknown.insert(code);
  for (const auto& [code, status] : table_of_errors()) unknown.erase(code);
  CHECK(unknown == std::set<std::string>{});
}

TEST_CASE("openapi.yaml names every scope and has the version of the daemon") {
  const auto scopes = all_scopes();
  CHECK(schema("Scope").at("enum").get<std::set<std::string>>() == std::set<std::string>(scopes.begin(), scopes.end()));
  CHECK(document().at("info").at("version") == KONEKWA_VERSION);
}

TEST_CASE("openapi.yaml names every state of a message, every type of an event and every kind of chat") {
  std::set<std::string> states;
  for (int state = 0; state <= static_cast<int>(store::MessageState::EXPIRED); ++state) {
    states.insert(std::string(store::to_string(static_cast<store::MessageState>(state))));
  }
  CHECK(schema("MessageStatus").at("enum").get<std::set<std::string>>() == states);
  const std::string known = events::event_pattern_problem("no.such");   // which lists them all
  const std::string_view listed = std::string_view(known).substr(known.find(" none of "));
  for (const auto& [type, about] : document().at("webhooks").items()) {
    CHECK(events::event_pattern_problem(type).empty());
  }
  const auto patterns = static_cast<std::size_t>(std::count(listed.begin(), listed.end(), ',')) + 1;
  CHECK(document().at("webhooks").size() + 3 == patterns);   // "*", "message.*" and "session.*"
  for (const Json& word : schema("NewIgnoredChats").at("items").at("examples")) {
    CHECK(events::is_chat_kind(word.get<std::string>()));
  }
}

TEST_CASE("the document is served to everyone") {
  ApiFixture f;
  const auto answer = f.with_key("", "GET", "/openapi.json");
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("Access-Control-Allow-Origin") == "*");
  CHECK(answer.body == document());
}
