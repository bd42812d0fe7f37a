// Who may call what: keys, scopes, tenants, the Unix socket.
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;

TEST_CASE("a new token is shown once, with the documented keys first") {
  ApiFixture f;
  const auto made = f.admin("POST", "/v1/tokens", R"({"name":"kasir-1","scopes":["messages:send"],)"
                                                  R"("sessions":["ses_1"],"expires_in":"90d"})");
  REQUIRE(made.status == 201);
  CHECK(made.keys() ==
        Keys{"id", "name", "token", "prefix", "scopes", "sessions", "created_at", "expires_at", "tenant"});
  CHECK(made.body["prefix"] == made.body["token"].get<std::string>().substr(0, 8));
  CHECK(made.body["expires_at"] == to_rfc3339(f.loop.now() + hours(24 * 90)));
  CHECK(f.admin("GET", "/v1/tokens").raw.find(made.body["token"]) == std::string::npos);
}

TEST_CASE("a token has every scope but admin, unless it says otherwise") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const auto me = f.with_key(key, "GET", "/v1/me");
  CHECK(me.status == 200);
  CHECK(me.body["tenant"] == "default");
  CHECK(me.body["is_admin"] == false);
  CHECK(me.body["scopes"].size() == all_scopes().size() - 2);
  CHECK(f.with_key(key, "GET", "/v1/tokens").code() == "FORBIDDEN");
}

TEST_CASE("a token request that is wrong names its field") {
  ApiFixture f;
  for (const char* body : {R"({})", R"({"name":""})", R"({"name":"k","scopes":["fly"]})", R"({"name":"k","scopes":[]})",
                           R"({"name":"k","scopes":"admin"})", R"({"name":"k","expires_in":"5"})",
                           R"({"name":"k","tenant":"a b"})", R"({"name":"k","sessions":["a b"]})", R"([])"}) {
    INFO(body);
    CHECK(f.admin("POST", "/v1/tokens", body).code() == "INVALID_REQUEST");
  }
}

TEST_CASE("a missing, a wrong, an expired and a revoked key are told apart") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k","expires_in":"1h"})");
  CHECK(f.with_key("", "GET", "/v1/sessions").code() == "UNAUTHORIZED");
  CHECK(f.with_key("kwt_nonsense", "GET", "/v1/sessions").code() == "INVALID_API_KEY");
  CHECK(f.with_key(key, "GET", "/v1/sessions").status == 200);
  f.loop.advance(hours(1));
  CHECK(f.with_key(key, "GET", "/v1/sessions").code() == "API_KEY_EXPIRED");

  const auto made = f.admin("POST", "/v1/tokens", R"({"name":"k"})");
  const std::string id = made.body["id"], other = made.body["token"];
  CHECK(f.with_key(other, "GET", "/v1/sessions").status == 200);
  CHECK(f.admin("DELETE", "/v1/tokens/" + id).status == 200);
  CHECK(f.with_key(other, "GET", "/v1/sessions").code() == "API_KEY_REVOKED");
  CHECK(f.admin("DELETE", "/v1/tokens/" + id).status == 200);
  CHECK(f.admin("DELETE", "/v1/tokens/tok_none").code() == "TOKEN_NOT_FOUND");
}

TEST_CASE("Authorization: Bearer is another name of X-API-Key") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  CHECK(f.ask({"GET", "/v1/me", "", "", false, {{"authorization", "Bearer " + key}}}).status == 200);
  CHECK(f.ask({"GET", "/v1/me", "", "", false, {{"authorization", "Basic " + key}}}).status == 401);
}

TEST_CASE("each route needs its scope") {
  ApiFixture f;
  const std::string reader = f.new_token(R"({"name":"r","scopes":["sessions:read"]})");
  CHECK(f.with_key(reader, "GET", "/v1/sessions").status == 200);
  const auto refused = f.with_key(reader, "POST", "/v1/sessions", R"({"name":"x"})");
  CHECK(refused.status == 403);
  CHECK(refused.details() == "scope sessions:write");
  CHECK(f.with_key(reader, "POST", "/v1/messages", "{}").code() == "FORBIDDEN");
  CHECK(f.with_key(reader, "GET", "/v1/sandbox").code() == "FORBIDDEN");
}

TEST_CASE("an object of another tenant is not there") {
  ApiFixture f;
  const std::string a = f.new_token(R"({"name":"a","tenant":"toko"})");
  const std::string b = f.new_token(R"({"name":"b","tenant":"warung"})");
  const std::string session = f.new_session(a);
  const std::string message = f.with_key(a, "POST", "/v1/messages", test::message_body(session)).body["message_id"];

  const std::pair<const char*, std::string> routes[] = {
      {"GET", "/v1/sessions/"},          {"DELETE", "/v1/sessions/"},
      {"POST", "/v1/sessions/connect"},  {"POST", "/v1/sessions/disconnect"},
      {"PATCH", "/v1/sessions/webhooks"}, {"GET", "/v1/sessions/webhooks/secret"}};
  for (const auto& [method, pattern] : routes) {
    const auto target = [&, path = pattern](const std::string& id) {
      const std::string rest = path.substr(std::string("/v1/sessions/").size());
      return "/v1/sessions/" + id + (rest.empty() ? "" : "/" + rest);
    };
    INFO(method << " " << pattern);
    const auto foreign = f.with_key(b, method, target(session), "{}");
    const auto unknown = f.with_key(b, method, target("ses_none"), "{}");
    CHECK(foreign.status == 404);
    CHECK(unknown.status == 404);
    CHECK(foreign.code() == unknown.code());
  }
  CHECK(f.with_key(b, "GET", "/v1/messages/" + message).code() == "MESSAGE_NOT_FOUND");
  CHECK(f.with_key(b, "POST", "/v1/messages", test::message_body(session)).code() == "SESSION_NOT_FOUND");
  CHECK(f.with_key(b, "GET", "/v1/sessions").body["sessions"].empty());
  CHECK(f.with_key(b, "GET", "/v1/messages").body["total_count"] == 0);
  CHECK(f.with_key(b, "GET", "/v1/messages?session_id=" + session).body["total_count"] == 0);
  CHECK(f.with_key(a, "GET", "/v1/messages").body["total_count"] == 1);
}

TEST_CASE("a key for certain sessions sees no others") {
  ApiFixture f;
  const std::string owner = f.new_token(R"({"name":"o"})");
  const std::string mine = f.new_session(owner, "mine"), other = f.new_session(owner, "other");
  const std::string key = f.new_token(R"({"name":"k","sessions":[")" + mine + R"("]})");
  CHECK(f.with_key(key, "GET", "/v1/sessions/" + mine).status == 200);
  CHECK(f.with_key(key, "GET", "/v1/sessions/" + other).code() == "SESSION_NOT_ALLOWED");
  CHECK(f.with_key(key, "POST", "/v1/messages", test::message_body(other)).code() == "SESSION_NOT_ALLOWED");
  CHECK(f.with_key(key, "POST", "/v1/sessions", R"({"name":"x"})").code() == "SESSION_NOT_ALLOWED");
  const auto list = f.with_key(key, "GET", "/v1/sessions");
  REQUIRE(list.body["sessions"].size() == 1);
  CHECK(list.body["sessions"][0]["id"] == mine);
  const std::string sent = f.with_key(owner, "POST", "/v1/messages", test::message_body(other)).body["message_id"];
  CHECK(f.with_key(key, "GET", "/v1/messages/" + sent).code() == "SESSION_NOT_ALLOWED");
  CHECK(f.with_key(key, "GET", "/v1/messages").body["total_count"] == 0);
}

TEST_CASE("an admin sees every tenant, and one when it is named") {
  ApiFixture f;
  const std::string a = f.new_token(R"({"name":"a","tenant":"toko"})");
  const std::string session = f.new_session(a);
  f.admin("POST", "/v1/sessions", R"({"name":"mine"})");
  CHECK(f.admin("GET", "/v1/sessions").body["sessions"].size() == 2);
  CHECK(f.admin("GET", "/v1/sessions", "", "toko").body["sessions"].size() == 1);
  CHECK(f.admin("GET", "/v1/sessions", "", "default").body["sessions"].size() == 1);
  CHECK(f.admin("GET", "/v1/sessions/" + session).status == 200);
  CHECK(f.admin("GET", "/v1/sessions/" + session, "", "warung").status == 404);
  CHECK(f.admin("GET", "/v1/sessions", "", "a b").code() == "INVALID_REQUEST");
  CHECK(f.admin("GET", "/v1/me", "", "toko").body["tenant"] == "toko");
}

TEST_CASE("a tenant is picked by admins only") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"a","tenant":"toko"})");
  CHECK(f.ask({"GET", "/v1/me", "", key, false, {{"x-konekwa-tenant", "warung"}}}).code() == "FORBIDDEN");
  CHECK(f.ask({"GET", "/v1/me", "", key, false, {{"x-konekwa-tenant", "toko"}}}).status == 200);
  const std::string admin = f.new_token(R"({"name":"a","tenant":"toko","scopes":["admin"]})");
  const auto me = f.ask({"GET", "/v1/me", "", admin, false, {{"x-konekwa-tenant", "warung"}}});
  CHECK(me.body["tenant"] == "warung");
  CHECK(f.with_key(admin, "GET", "/v1/me").body["tenant"] == "toko");
}

TEST_CASE("a key on the Unix socket narrows to what it may") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k","scopes":["sessions:read"]})");
  CHECK(f.ask({"GET", "/v1/tokens", "", key, true, {}}).code() == "FORBIDDEN");
  CHECK(f.ask({"GET", "/v1/sessions", "", key, true, {}}).status == 200);
}

TEST_CASE("who is no admin is turned away from the Unix socket, whatever they ask") {
  ApiFixture f;
  http::Request request;
  request.header.method = "GET";
  request.header.target = "/health";
  request.target = *http::parse_target("/health");
  request.peer.is_unix_socket = true;
  const auto admission = f.api->admit(request);
  REQUIRE(std::holds_alternative<http::Response>(admission));
  CHECK(std::get<http::Response>(admission).status == 403);
}

TEST_CASE("unknown routes and methods answer in the error shape") {
  ApiFixture f;
  CHECK(f.with_key("", "GET", "/v2/sessions").code() == "NOT_FOUND");
  const auto refused = f.with_key("", "PUT", "/v1/sessions");
  CHECK(refused.status == 405);
  CHECK(refused.code() == "METHOD_NOT_ALLOWED");
  CHECK(refused.headers.at("Allow") == "POST, GET, HEAD, DELETE");
}

TEST_CASE("a body is JSON, or what curl calls it") {
  ApiFixture f;
  const auto with_type = [&](const std::string& type) {
    return f.ask({"POST", "/v1/sessions", R"({"name":"x"})", "", true, {{"content-type", type}}}).status;
  };
  CHECK(with_type("application/json; charset=utf-8") == 201);
  CHECK(with_type("Application/JSON") == 201);
  CHECK(with_type("application/x-www-form-urlencoded") == 201);
  CHECK(with_type("text/plain") == 415);
  CHECK(with_type("multipart/form-data; boundary=x") == 415);
}

TEST_CASE("health needs no key, tells totals to admins only, and fails with the writer") {
  ApiFixture f;
  f.loop.advance(seconds(5));
  const auto health = f.with_key("", "GET", "/health");
  CHECK(health.status == 200);
  CHECK(health.keys() == Keys{"status", "version", "uptime_s", "database"});
  CHECK(health.body["status"] == "ok");
  CHECK(health.body["uptime_s"] == 5);
  f.admin("POST", "/v1/sessions", R"({"name":"x"})");
  const auto told = f.admin("GET", "/health");
  CHECK(told.body["sessions"]["total"] == 1);
  CHECK(told.keys() == Keys{"status", "version", "uptime_s", "database", "sessions", "data_dir", "whatsapp_url"});
  CHECK(f.with_key("kwt_wrong", "GET", "/health").status == 200);
  f.store.writer.refusals = 1;
  CHECK(f.with_key("", "GET", "/health").status == 503);
}

TEST_CASE("the last use of a key is kept, once a minute") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  f.with_key(key, "GET", "/v1/me");
  const int commits = f.store.writer.commits;
  f.with_key(key, "GET", "/v1/me");
  CHECK(f.store.writer.commits == commits);
  CHECK(f.admin("GET", "/v1/tokens").body["tokens"][0]["last_used_at"] == to_rfc3339(f.loop.now()));
  f.loop.advance(minutes(1));
  f.with_key(key, "GET", "/v1/me");
  CHECK(f.admin("GET", "/v1/tokens").body["tokens"][0]["last_used_at"] == to_rfc3339(f.loop.now()));
}
