// Whatever is sent to whichever route: the answer is in the shape of the API, and never our own mistake (5xx). Made
// from the table of routes and the documented bodies.
#include "daemon/http/openapi.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;

namespace {

constexpr std::size_t kHuge = 200'000;   // longer than any text may be

struct Fixture : ApiFixture {
  const std::string session = admin("POST", "/v1/sessions", R"({"name":"s"})").body["id"];
  const std::string message = admin("POST", "/v1/messages", test::message_body(session)).body["message_id"];
  const std::string text_template = admin("POST", "/v1/templates", R"({"name":"t","content":"x"})").body["id"];
  const std::string token = admin("POST", "/v1/tokens", R"({"name":"k"})").body["id"];

  // The path of a route, with the id of something that exists.
  std::string path_of(const http::Route& route) const {
    std::string path(route.pattern);
    const std::size_t begin = path.find(':');
    if (begin == std::string::npos) return path;
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string id = path.starts_with("/v1/messages")    ? message
                           : path.starts_with("/v1/templates") ? text_template
                           : path.starts_with("/v1/tokens")    ? token
                           : path.starts_with("/v1/tenants")   ? "default"
                                                               : session;
    return path.replace(begin, end - begin, id);
  }
};

// Whether the document says that the route takes a body of JSON.
bool takes_body(const http::Route& route) {
  static const Json kDocument = Json::parse(http::openapi_json());
  std::string path;
  bool is_name = false;
  for (const char c : std::string(route.pattern) + "/") {
    if (is_name && c == '/') path += '}';
    path += c == ':' ? '{' : c;
    is_name = c == ':' || (is_name && c != '/');
  }
  path.pop_back();
  std::string method(route.method);
  for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const Json& operation = kDocument.at("paths").at(path).at(method);
  if (!operation.contains("requestBody")) return false;
  const Json& body = operation.at("requestBody");
  return !body.contains("content") || body.at("content").contains("application/json");
}

std::vector<std::string> malformed_bodies() {
  std::string deep_array(100, '['), deep_object;
  deep_array += std::string(100, ']');
  for (int i = 0; i < 100; ++i) deep_object += R"({"name":)";
  deep_object += "1" + std::string(100, '}');
  using namespace std::string_literals;
  return {"halo",
          "{",
          R"({"name":"x")",
          R"({"name":"x",})",
          R"({"name":)",
          R"({'name':'x'})",
          R"({"name":"x"} {"name":"y"})",
          "[]",
          R"([{"name":"x"}])",
          "7",
          "\"name\"",
          "null",
          "true",
          deep_array,
          deep_object,
          R"({"name":"x","name":"y"})",
          R"({"name":"x","content":{"a":1,"a":2}})",
          "{\"name\":\"\xC3\x28\"}",
          "{\"name\":\"\xED\xA0\x80\"}",
          "{\"\xFF\":1}",
          R"({"name":"\ud800"})",
          "{\"name\":\"a\0b\"}"s,
          "\0"s,
          R"({"name":1e999})",
          "{\"name\":\"a\nb\"}",
          "\xEF\xBB\xBF\xEF\xBB\xBF{}",
          std::string(kHuge, '{'),
          std::string(kHuge, ' ')};
}

void check_shape(const test::Answer& answer) {
  const std::string start = answer.raw.substr(0, 300);
  INFO(answer.status << " " << start);
  if (answer.status < 400) return;
  CHECK(answer.status < 500);
  REQUIRE(answer.body.is_object());
  CHECK(answer.keys() == std::vector<std::string>{"error"});
  CHECK(answer.code() != "");
  CHECK(answer.body["error"].value("message", "") != "");
  CHECK(answer.body["error"]["details"].is_string());
}

http::Routes routes() {
  ApiFixture f;   // the handlers are not used
  return http::all_routes(f.gateway, http::Metrics());
}

struct Good {
  std::string method, pattern;
  Json body;   // every field that the route knows for it
};

std::vector<Good> good_bodies(const Fixture& f) {
  const Json base = {{"session_id", f.session}, {"recipient", "6281234567890"}};
  const Json more = {{"client_reference", "r"}, {"expires_in", "30m"}, {"send_at", "2026-03-11T10:30:00Z"}};
  const auto message = [&](Json body) {
    body.update(base);
    body.update(more);
    return Good{"POST", "/v1/messages", body};
  };
  const std::string vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Toko\nEND:VCARD";
  const std::string url = "https://toko.example/a";
  const Json webhooks = {{"message", url},
                         {"status", url},
                         {"events", {"message.*"}},
                         {"ignore_chats", {"groups"}},
                         {"headers", {{"X-A", "b"}}}};
  const Json values = {{"a", "b"}};
  return {message({{"message_type", "text"}, {"content", "halo"}}),
          message({{"message_type", "text"}, {"template_id", f.text_template}, {"placeholder_values", values}}),
          message({{"message_type", "image"}, {"media_url", url}, {"caption", "c"}}),
          message({{"message_type", "document"}, {"media_url", url}, {"filename", "a.pdf"}, {"caption", "c"}}),
          message({{"message_type", "location"}, {"latitude", -6.2}, {"longitude", 106.8}}),
          message({{"message_type", "contact"}, {"vcard_data", vcard}}),
          {"POST", "/v1/sessions",
           {{"name", "n"}, {"id", "s-1"}, {"webhooks", webhooks}, {"proxy_url", "http://127.0.0.1:9"},
            {"settings", {{"auto_read", true}, {"auto_typing", true}}}}},
          {"PATCH", "/v1/sessions/:id", {{"name", "n"}, {"proxy_url", "http://127.0.0.1:9"}}},
          {"PATCH", "/v1/sessions/:id/settings", {{"auto_read", true}, {"auto_typing", true}}},
          {"PATCH", "/v1/sessions/:id/webhooks", webhooks},
          {"POST", "/v1/templates", {{"name", "n"}, {"content", "c"}, {"message_type", "text"}}},
          {"PUT", "/v1/templates/:id", {{"name", "n"}, {"content", "c"}, {"message_type", "text"}}},
          {"POST", "/v1/tokens",
           {{"name", "n"}, {"scopes", {"messages:send"}}, {"sessions", {"ses_1"}}, {"expires_in", "1d"},
            {"tenant", "toko"}}},
          {"POST", "/v1/tokens/:id/rotate", {{"grace", "1h"}}},
          {"POST", "/v1/tenants", {{"id", "kios"}, {"name", "n"}}},
          {"PATCH", "/v1/tenants/:id", {{"name", "n"}, {"suspended", false}}},
          {"POST", "/v1/webhooks/replay",
           {{"session_id", f.session}, {"event_type", "message.sent"}, {"state", "dead"},
            {"since", "2026-03-11T10:30:00Z"}, {"until", "2026-03-11T10:30:00Z"}, {"all", true}, {"url", "original"}}},
          {"POST", "/v1/webhooks/replay/:id", {{"url", "original"}}}};
}

std::vector<Json> wrong_values(const Json& good) {
  std::vector<Json> out;
  for (const Json& value : {Json("x"), Json(7), Json(1.5), Json(true), Json::object(), Json::array()}) {
    const bool is_same = value.type() == good.type() || (value.is_number() && good.is_number());
    if (!is_same) out.push_back(value);
  }
  if (good.is_string()) out.emplace_back(std::string(kHuge, 'x'));
  if (good.is_array()) out.insert(out.end(), {Json{1}, Json{nullptr}, Json{{{"a", 1}}}});
  if (good.is_number()) out.insert(out.end(), {Json(1e300), Json(-1e300)});
  return out;
}

}  // namespace

TEST_CASE("a malformed body is refused by every route that takes one, and harms none") {
  const auto bodies = malformed_bodies();
  for (const auto& route : routes()) {
    Fixture f;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      INFO(route.method << " " << route.pattern << " with body " << i << ": " << bodies[i].substr(0, 80));
      const auto answer = f.admin(std::string(route.method), f.path_of(route), bodies[i]);
      check_shape(answer);
      if (takes_body(route)) CHECK(answer.status >= 400);
    }
  }
}

TEST_CASE("a field of the wrong type, or far too long, is refused") {
  Fixture f;
  for (const Good& good : good_bodies(f)) {
    for (const auto& [name, value] : good.body.items()) {
      for (const Json& wrong : wrong_values(value)) {
        Json body = good.body;
        body[name] = wrong;
        INFO(good.method << " " << good.pattern << " " << name << " = " << wrong.dump().substr(0, 40));
        const auto answer = f.admin(good.method, f.path_of({good.method, good.pattern, "", {}}), body.dump());
        check_shape(answer);
        CHECK(answer.status >= 400);
      }
    }
  }
}

TEST_CASE("the bodies that were spoilt are good ones") {
  Fixture f;
  for (const Good& good : good_bodies(f)) {
    INFO(good.method << " " << good.pattern);
    const auto answer = f.admin(good.method, f.path_of({good.method, good.pattern, "", {}}), good.body.dump());
    INFO(answer.raw);
    CHECK((answer.status < 300 || answer.code() == "WEBHOOK_NOT_FOUND"));
    CHECK_FALSE(answer.headers.contains("X-Konekwa-Warnings"));
  }
}

TEST_CASE("texts of every kind are kept as they are, or refused") {
  Fixture f;
  for (const char* escaped : {R"(\u0000)", R"(a\u0000b)", R"(\ufeff)", R"(\ud83d\ude00)", R"(\u202e)", R"(\\\"\/)"}) {
    const Json text = Json::parse(std::string("\"") + escaped + "x\"");
    Json body = Json::parse(test::message_body(f.session));
    body["content"] = text;
    body["client_reference"] = text;
    INFO(escaped);
    const auto answer = f.admin("POST", "/v1/messages", body.dump());
    check_shape(answer);
    if (answer.status != 202) continue;
    const auto shown = f.admin("GET", "/v1/messages/" + answer.body["message_id"].get<std::string>());
    CHECK(shown.body["content"] == text);
    CHECK(shown.body["client_reference"] == text);
  }
}

TEST_CASE("a strange query is refused or does not count, on every route") {
  const char* const names[] = {"session_id", "direction", "type", "status", "start_date", "end_date", "page_size",
                               "page_token", "recipient", "client_reference", "count", "event_type", "state", "since",
                               "after", "types", "wait", "t", "format", "size"};
  const char* const values[] = {"", "%00", "%FF", "%C3%28", "-1", "0", "99999999999999999999", "1e9", "x%27%20OR%201=1",
                                "%7B%22a%22:1%7D", "2026-13-45", "9999-12-31T23:59:59Z", "0000-01-01"};
  for (const auto& route : routes()) {
    if (route.method != "GET") continue;
    Fixture f;
    for (const char* name : names) {
      for (const char* value : values) {
        const std::string target = f.path_of(route) + "?" + name + "=" + value;
        if (!http::parse_target(target)) continue;   // refused before a route is looked for
        INFO(target);
        check_shape(f.admin("GET", target));
      }
    }
  }
}

TEST_CASE("a strange id is not found, on every route") {
  for (const auto& route : routes()) {
    const std::string pattern(route.pattern);
    const std::size_t begin = pattern.find(':');
    if (begin == std::string::npos) continue;
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    Fixture f;
    for (const std::string& id : {std::string("%00"), std::string("%FF"), std::string("%C3%28"), std::string("a%2Fb"),
                                 std::string("%27"), std::string("%25"), std::string("-"), std::string(2'000, 'x')}) {
      const std::string target = std::string(pattern).replace(begin, end - begin, id);
      if (!http::parse_target(target)) continue;
      INFO(route.method << " " << target.substr(0, 80));
      const auto answer = f.admin(std::string(route.method), target);
      check_shape(answer);
      CHECK(answer.status >= 400);
    }
  }
}

TEST_CASE("a strange header is refused or does not count, on every route") {
  using namespace std::string_literals;
  const std::string values[] = {"", "\xFF", "a\xC3\x28", "a b", std::string(5'000, 'x'), "-1", "\x01"};
  for (const auto& route : routes()) {
    Fixture f;
    for (const char* name : {"idempotency-key", "last-event-id", "x-konekwa-tenant", "x-api-key", "authorization",
                             "x-forwarded-for", "content-type"}) {
      for (const std::string& value : values) {
        INFO(route.method << " " << route.pattern << " " << name << ": " << value.substr(0, 20));
        check_shape(f.ask({std::string(route.method), f.path_of(route), "{}", "", true, {{name, value}}}));
      }
    }
  }
}
