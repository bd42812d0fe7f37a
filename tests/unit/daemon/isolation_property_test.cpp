// Whatever route it is: a tenant neither sees nor touches what is another's. Made from the table of routes, so that a
// route that is added is tried too.
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;

namespace {

constexpr const char* kMarker = "RAHASIA";   // stands in every text of the first tenant

struct Fixture : ApiFixture {
  Fixture() {
    sessions.start();
    make_owned();
    make_others();
  }

  std::string owner, session, message, text_template, token, delivery;   // of the tenant "toko"
  std::string other, other_session;                                      // of the tenant "warung"

  Keys owned() const { return {session, message, text_template, token, "toko", delivery}; }

  // All that there is of the first tenant, as its admin sees it.
  std::string snapshot() {
    std::string out;
    for (const std::string& target :
         {"/v1/sessions/" + session, "/v1/messages/" + message, "/v1/templates/" + text_template,
          "/v1/tokens/" + token, std::string("/v1/tenants/toko"), std::string("/v1/webhooks/failed"),
          std::string("/v1/messages"), "/v1/sessions/" + session + "/webhooks/secret"}) {
      const auto answer = admin("GET", target, "", "toko");
      CHECK(answer.status == 200);
      Json body = answer.body;
      if (body.contains("health")) body["health"].erase("oldest_queued_age_s");   // time passes
      out += body.dump() + "\n";
    }
    return out;
  }

 private:
  std::string id_of(const test::Answer& made) {
    INFO(made.raw);
    REQUIRE(made.status < 300);
    return made.body.contains("message_id") ? made.body["message_id"] : made.body["id"];
  }

  void make_owned() {
    const std::string marker = kMarker;
    id_of(admin("POST", "/v1/tenants", Json{{"id", "toko"}, {"name", marker}}.dump()));
    const auto made = admin("POST", "/v1/tokens", Json{{"name", marker}, {"tenant", "toko"}}.dump());
    token = id_of(made);
    owner = made.body["token"];
    const Json webhooks = {{"message", "https://toko.example/RAHASIA"}, {"status", "https://toko.example/RAHASIA"}};
    const Json wanted = {{"name", marker}, {"webhooks", webhooks}, {"proxy_url", "http://RAHASIA:x@127.0.0.1:9"}};
    session = id_of(with_key(owner, "POST", "/v1/sessions", wanted.dump()));
    text_template = id_of(
        with_key(owner, "POST", "/v1/templates", Json{{"name", marker}, {"content", marker}}.dump()));
    Json body = Json::parse(test::message_body(session));
    body.update({{"content", marker}, {"client_reference", marker}, {"expires_in", "1s"}});
    id_of(with_key(owner, "POST", "/v1/messages", body.dump()));
    loop.advance(minutes(2));   // it expires, of which an event tells
    store.db.execute("UPDATE deliveries SET state = 'DEAD', attempts = 9, error = ?", {kMarker});
    body.erase("expires_in");
    message = id_of(with_key(owner, "POST", "/v1/messages", body.dump()));
    const auto failed = with_key(owner, "GET", "/v1/webhooks/failed");
    REQUIRE_FALSE(failed.body["webhooks"].empty());
    delivery = failed.body["webhooks"][0]["id"];
  }

  void make_others() {
    other = new_token(R"({"name":"o","tenant":"warung"})");
    other_session = new_session(other);
    with_key(other, "POST", "/v1/messages", test::message_body(other_session));
  }
};

std::string replace_parameter(std::string pattern, const std::string& id) {
  const std::size_t begin = pattern.find(':');
  const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
  return pattern.replace(begin, end - begin, id);
}

bool is_last(const http::Route& route) { return route.method == "DELETE"; }   // what would spoil the others

// A body with which each route would change something, if it were let in.
std::string willing_body(const http::Route& route, const Fixture& f) {
  if (route.pattern == "/v1/messages") return test::message_body(f.session);
  if (route.pattern.ends_with("/settings")) return R"({"auto_read":true})";
  if (route.pattern.ends_with("/webhooks")) return R"({"message":"https://warung.example/"})";
  if (route.pattern == "/v1/webhooks/replay") return R"({"all":true})";
  if (route.pattern.ends_with("/rotate")) return R"({"grace":"0s"})";
  if (route.pattern.starts_with("/v1/tenants/")) return R"({"suspended":true})";
  if (route.method == "PUT" || route.method == "PATCH") return R"({"name":"x"})";
  return {};
}

http::Routes routes_in_order(Fixture& f) {
  auto routes = http::all_routes(f.gateway, http::Metrics());
  std::stable_sort(routes.begin(), routes.end(),
                   [](const auto& a, const auto& b) { return is_last(a) < is_last(b); });
  return routes;
}

void check_tells_nothing(Fixture& f, const test::Answer& answer) {
  CHECK(answer.raw.find(kMarker) == std::string::npos);
  for (const auto& [name, value] : answer.headers) CHECK(value.find(kMarker) == std::string::npos);
  if (!answer.source) return;
  for (int i = 0; i < 3; ++i) {
    const auto piece = f.next_piece(answer);
    if (piece) CHECK(piece->find(kMarker) == std::string::npos);
    if (!piece || piece->empty()) return;
  }
}

using AskOther = std::function<test::Answer(const std::string& method, const std::string& target,
                                            const std::string& body)>;

void check_isolation(Fixture& f, const AskOther& ask) {
  const std::string before = f.snapshot();
  REQUIRE(before.find(kMarker) != std::string::npos);
  for (const auto& route : routes_in_order(f)) {
    const std::string pattern(route.pattern), method(route.method);
    const std::string body = willing_body(route, f);
    if (pattern.find(':') == std::string::npos) {
      for (const std::string& query : {std::string(), "?session_id=" + f.session, std::string("?after=0")}) {
        INFO(method << " " << pattern << query);
        check_tells_nothing(f, ask(method, pattern + query, body));
      }
      continue;
    }
    for (const std::string& id : f.owned()) {
      const std::string target = replace_parameter(pattern, id);
      INFO(method << " " << target);
      const auto answer = ask(method, target, body);
      check_tells_nothing(f, answer);
      // What is public tells anybody how a session is.
      if (route.access != http::kPublic) CHECK(answer.status >= 400);
      if (route.access != http::kPublic) CHECK(answer.status < 500);
    }
  }
  CHECK(f.snapshot() == before);
}

}  // namespace

TEST_CASE("with another tenant's key nothing of a tenant is told or touched, on any route") {
  Fixture f;
  check_isolation(f, [&](const std::string& method, const std::string& target, const std::string& body) {
    return f.with_key(f.other, method, target, body);
  });
  CHECK(f.with_key(f.owner, "GET", "/v1/sessions").body["sessions"].size() == 1);
  CHECK(f.with_key(f.other, "GET", "/v1/sessions").body["sessions"].empty());   // they deleted their own
}

TEST_CASE("nor by an admin who acts for another tenant") {
  Fixture f;
  check_isolation(f, [&](const std::string& method, const std::string& target, const std::string& body) {
    return f.admin(method, target, body, "warung");
  });
}

TEST_CASE("nor without a key, or with one that is worth nothing") {
  Fixture f;
  const std::string key = GENERATE(as<std::string>{}, "", "kwt_nonsense");
  check_isolation(f, [&](const std::string& method, const std::string& target, const std::string& body) {
    return f.with_key(key, method, target, body);
  });
}

TEST_CASE("nor with a key of the tenant that is for another session") {
  Fixture f;
  const std::string second = f.new_session(f.owner, "second");
  const std::string key = f.new_token(Json{{"name", "k"}, {"tenant", "toko"}, {"sessions", {second}}}.dump());
  for (const auto& route : routes_in_order(f)) {
    const std::string pattern(route.pattern), method(route.method);
    if (pattern.find(':') == std::string::npos || route.access == http::kPublic) continue;
    for (const std::string& id : {f.session, f.message, f.delivery}) {
      const std::string target = replace_parameter(pattern, id);
      INFO(method << " " << target);
      const auto answer = f.with_key(key, method, target, willing_body(route, f));
      check_tells_nothing(f, answer);
      CHECK(answer.status >= 400);
      CHECK(answer.status < 500);
    }
  }
  for (const char* target : {"/v1/sessions", "/v1/messages", "/v1/webhooks/failed", "/v1/events?after=0"}) {
    INFO(target);
    check_tells_nothing(f, f.with_key(key, "GET", target));
  }
}
