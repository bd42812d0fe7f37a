#include "daemon/store/sessions.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;
using store::SessionStatus;

TEST_CASE("a new session answers with the documented keys and begins to pair") {
  ApiFixture f;
  const auto made = f.admin("POST", "/v1/sessions", R"({"name":"CS WhatsApp"})");
  REQUIRE(made.status == 201);
  const Keys keys = made.keys();
  CHECK(Keys(keys.begin(), keys.begin() + 5) == Keys{"id", "name", "status", "qr_url", "created_at"});
  const std::string id = made.body["id"];
  CHECK(id.starts_with("ses_"));
  CHECK(id.size() == 4 + 26);
  CHECK(made.body["status"] == "CREATED");
  CHECK(made.body["qr_url"] == "/api/v1/qr/" + id + "/image");
  CHECK(f.network.endpoints().empty());
  f.loop.run_until_idle();
  CHECK(f.network.endpoints().size() == 1);
}

TEST_CASE("an id may be chosen, once") {
  ApiFixture f;
  const auto made = f.admin("POST", "/v1/sessions", R"({"name":"x","id":"session-001"})");
  CHECK(made.body["id"] == "session-001");
  const auto again = f.admin("POST", "/v1/sessions", R"({"name":"y","id":"session-001"})");
  CHECK(again.status == 409);
  CHECK(again.code() == "SESSION_EXISTS");
  for (const char* id : {"", "a b", "a/b", "ä"}) {
    CHECK(f.admin("POST", "/v1/sessions", Json{{"name", "x"}, {"id", id}}.dump()).code() == "INVALID_REQUEST");
  }
}

TEST_CASE("a session request that is wrong says what") {
  ApiFixture f;
  const auto code = [&](const char* body) { return f.admin("POST", "/v1/sessions", body).code(); };
  CHECK(code("{}") == "INVALID_REQUEST");
  CHECK(code(R"({"name":5})") == "INVALID_REQUEST");
  CHECK(code("{\"name\"") == "INVALID_JSON");
  CHECK(f.admin("POST", "/v1/sessions", Json{{"name", std::string(101, 'x')}}.dump()).code() == "INVALID_REQUEST");
  CHECK(f.admin("POST", "/v1/sessions", Json{{"name", std::string(100, 'x')}}.dump()).status == 201);
  CHECK(code(R"({"name":"x","webhooks":{"message":"ftp://a"}})") == "INVALID_WEBHOOK_URL");
  CHECK(code(R"({"name":"x","webhooks":{"status":"no url"}})") == "INVALID_WEBHOOK_URL");
  CHECK(code(R"({"name":"x","webhooks":[]})") == "INVALID_REQUEST");
  CHECK(code(R"({"name":"x","proxy_url":"ftp://10.0.0.5"})") == "INVALID_PROXY_URL");
}

TEST_CASE("fields that nobody knows are warned of") {
  ApiFixture f;
  const auto made = f.admin("POST", "/v1/sessions", R"({"name":"x","colour":"red","webhooks":{"events":[]}})");
  CHECK(made.status == 201);
  CHECK(made.headers.at("X-Konekwa-Warnings").find("colour") != std::string::npos);
}

TEST_CASE("the list has the documented keys first, newest first") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  f.new_session(key, "one");
  const std::string two = f.new_session(key, "two");
  store::sessions::set_linked(f.store.db, two, "6281234567890", "Toko");
  f.set_status(two, SessionStatus::CONNECTED);
  const auto list = f.with_key(key, "GET", "/v1/sessions");
  CHECK(list.keys() == Keys{"sessions"});
  REQUIRE(list.body["sessions"].size() == 2);
  Keys keys;
  for (const auto& [name, value] : list.body["sessions"][0].items()) keys.push_back(name);
  CHECK(Keys(keys.begin(), keys.begin() + 6) ==
        Keys{"id", "name", "status", "phone_number", "created_at", "connected_at"});
  CHECK(list.body["sessions"][0]["name"] == "two");
  Json shown = f.with_key(key, "GET", "/v1/sessions/" + two).body;
  CHECK(shown["health"]["queued"] == 0);
  shown.erase("health");   // of a single session only
  CHECK(shown == list.body["sessions"][0]);
}

TEST_CASE("a session shows what WhatsApp restricts, while it lasts") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string id = f.new_session(key, "one");
  const auto shown = [&] { return f.with_key(key, "GET", "/v1/sessions/" + id).body["restrictions"]; };
  CHECK(shown() == Json::array());
  const auto text = [](Time at) { return to_rfc3339(at); };
  const Json lock = {{"type", "REACHOUT_TIMELOCK"}, {"until", text(f.loop.now() + hours(1))},
                     {"applies_to", "new_contacts"}, {"since", text(f.loop.now())}};
  const Json ban = {{"type", "TEMPORARY_BAN"}, {"applies_to", "account"}, {"since", text(f.loop.now())}};
  store::sessions::set_restrictions(f.store.db, id, Json{lock, ban}.dump());
  CHECK(shown() == Json{lock, ban});
  f.set_status(id, SessionStatus::CONNECTED);
  CHECK(shown() == Json{lock});
  f.loop.advance(hours(2));
  f.set_status(id, SessionStatus::CONNECTED);   // nobody is there to connect to, so it was lost meanwhile
  CHECK(shown() == Json::array());
}

TEST_CASE("webhooks: absent is unchanged, null and empty clear") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string id = f.new_session(key);
  const auto patch = [&](const char* body) {
    return f.with_key(key, "PATCH", "/v1/sessions/" + id + "/webhooks", body);
  };
  const auto both = patch(R"({"message":"https://a.example/m","status":"https://a.example/s"})");
  CHECK(both.status == 200);
  CHECK(both.body["webhooks"].dump() == R"({"message":"https://a.example/m","status":"https://a.example/s"})");
  CHECK(patch(R"({"message":null})").body["webhooks"].dump() == R"({"status":"https://a.example/s"})");
  CHECK(patch("{}").body["webhooks"].dump() == R"({"status":"https://a.example/s"})");
  CHECK(patch(R"({"message":"nonsense"})").code() == "INVALID_WEBHOOK_URL");
  CHECK(patch(R"({"status":""})").body["webhooks"].dump() == "{}");
  CHECK(f.with_key(key, "GET", "/v1/sessions/" + id).body["webhooks"].dump() == "{}");
}

TEST_CASE("each session has a webhook secret of its own") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const auto secret = [&](const std::string& id) {
    return f.with_key(key, "GET", "/v1/sessions/" + id + "/webhooks/secret").body["secret"].get<std::string>();
  };
  const std::string one = secret(f.new_session(key)), two = secret(f.new_session(key));
  CHECK(one.starts_with("whsec_"));
  CHECK(one != two);
}

TEST_CASE("a disconnected session stays offline until it is connected") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string id = f.new_session(key);
  const auto off = f.with_key(key, "POST", "/v1/sessions/" + id + "/disconnect");
  CHECK(off.raw == R"({"message":"Session disconnected successfully","id":")" + id + R"(","status":"DISCONNECTED"})");
  f.loop.run_until_idle();
  const auto shown = f.with_key(key, "GET", "/v1/sessions/" + id);
  CHECK(shown.body["status"] == "DISCONNECTED");
  CHECK(shown.body["status_reason"] == "USER_REQUEST");
  CHECK(f.with_key(key, "POST", "/v1/sessions/" + id + "/disconnect").status == 200);
  CHECK_FALSE(store::sessions::find(f.store.db, id)->wants_connection);

  const std::size_t attempts = f.network.endpoints().size();
  for (const char* verb : {"/connect", "/reconnect"}) {
    const auto on = f.with_key(key, "POST", "/v1/sessions/" + id + verb);
    CHECK(on.status == 200);
    CHECK(on.body["status"] == "CONNECTING");
    CHECK(store::sessions::find(f.store.db, id)->status == SessionStatus::CONNECTING);   // before anything is tried
  }
  f.loop.run_until_idle();
  CHECK(f.network.endpoints().size() > attempts);
  CHECK(store::sessions::find(f.store.db, id)->wants_connection);
}

TEST_CASE("a session that is logged out or banned does not connect") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string id = f.new_session(key);
  for (const SessionStatus status : {SessionStatus::LOGGED_OUT, SessionStatus::BANNED}) {
    f.set_status(id, status);
    CHECK(f.with_key(key, "POST", "/v1/sessions/" + id + "/connect").code() == "SESSION_NOT_ACTIVE");
    CHECK(f.with_key(key, "POST", "/v1/sessions/" + id + "/disconnect").body["status"] == store::to_string(status));
  }
}

TEST_CASE("a deleted session is gone, with its messages") {
  ApiFixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string id = f.new_session(key);
  f.with_key(key, "POST", "/v1/messages", test::message_body(id));
  f.loop.run_until_idle();
  const auto gone = f.with_key(key, "DELETE", "/v1/sessions/" + id);
  CHECK(gone.status == 200);
  CHECK(gone.raw == R"({"message":"Session deleted successfully"})");
  CHECK(f.with_key(key, "GET", "/v1/sessions/" + id).code() == "SESSION_NOT_FOUND");
  CHECK(f.with_key(key, "GET", "/v1/messages").body["total_count"] == 0);
}

TEST_CASE("a session request with a key is carried out once") {
  ApiFixture f;
  const auto post = [&](const char* body) {
    return f.ask({"POST", "/v1/sessions", body, "", true, {{"idempotency-key", "k1"}}});
  };
  const auto first = post(R"({"name":"x"})");
  const auto again = post(R"({"name":"x"})");
  CHECK(first.status == 201);
  CHECK(again.status == 201);
  CHECK(again.raw == first.raw);
  CHECK(again.headers.at("Idempotent-Replayed") == "true");
  CHECK(post(R"({"name":"y"})").code() == "IDEMPOTENCY_KEY_REUSED");
  CHECK(f.admin("GET", "/v1/sessions").body["sessions"].size() == 1);
}

TEST_CASE("a database that refuses is a 503, and makes no session") {
  ApiFixture f;
  f.store.writer.refusals = 1;
  const auto refused = f.admin("POST", "/v1/sessions", R"({"name":"x"})");
  CHECK(refused.status == 503);
  CHECK(refused.code() == "STORAGE_UNAVAILABLE");
  CHECK(refused.headers.contains("Retry-After"));
  CHECK(f.admin("GET", "/v1/sessions").body["sessions"].empty());
  f.loop.run_until_idle();
  CHECK(f.network.endpoints().empty());
}

TEST_CASE("there is no sandbox unless it was asked for") {
  ApiFixture f;
  CHECK(f.admin("GET", "/v1/sandbox").code() == "NOT_FOUND");
}
