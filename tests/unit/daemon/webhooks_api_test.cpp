#include "tests/unit/daemon/api_fixture.h"

#include "daemon/store/deliveries.h"
#include "tests/unit/store/rows.h"

namespace konekwa {
namespace {

using store::DeliveryState;
using test::ApiFixture;

struct Fixture : ApiFixture {
  const std::string key = new_token(R"({"name":"t"})");
  const std::string session = new_session(key);
  const std::string hooks = "/v1/sessions/" + session + "/webhooks";

  Json patch(const std::string& body) { return with_key(key, "PATCH", hooks, body).body; }
  // A delivery of `owner`, dead at once.
  void add_dead(const std::string& id, const std::string& owner, Time made) {
    test::add_delivery(store.db, id, id, made, "https://example.com/hook?token=RAHASIA", owner);
    store::DeliveryAttempt attempt;
    attempt.http_status = 500;
    attempt.error = "HTTP 500";
    attempt.response = "oops";
    attempt.latency = milliseconds(12);
    attempt.at = attempt.next_attempt_at = made;
    store::deliveries::record_attempt(store.db, id, attempt);
  }
  std::size_t failed() { return with_key(key, "GET", "/v1/webhooks/failed").body["webhooks"].size(); }
};

TEST_CASE("settings of webhooks are shown as they are kept, headers without their values") {
  Fixture f;
  const Json shown = f.patch(R"({"message":"https://a.example/m","events":["message.received"],)"
                             R"("ignore_chats":["0812-3456-7890","groups"],"headers":{"Authorization":"Bearer x"}})");
  CHECK(shown["webhooks"].dump() ==
        R"({"message":"https://a.example/m","events":["message.received"],)"
        R"("ignore_chats":["6281234567890@s.whatsapp.net","groups"],"headers":{"Authorization":"***"}})");
  CHECK(f.with_key(f.key, "GET", "/v1/sessions/" + f.session).body["webhooks"] == shown["webhooks"]);
  CHECK(f.patch(R"({"events":null,"ignore_chats":[],"headers":{}})")["webhooks"].dump() ==
        R"({"message":"https://a.example/m"})");
}

TEST_CASE("a session can be made with all of it") {
  Fixture f;
  const auto made = f.with_key(f.key, "POST", "/v1/sessions",
                               R"({"name":"x","webhooks":{"status":"https://a.example/s","events":["session.*"]}})");
  REQUIRE(made.status == 201);
  CHECK(made.body["webhooks"].dump() == R"({"status":"https://a.example/s","events":["session.*"]})");
}

TEST_CASE("what cannot be a setting is named") {
  Fixture f;
  for (const auto& [body, hint] : {
           std::pair(R"({"events":["message.recieved"]})", "message.received"),
           {R"({"events":"message.received"})", "array of strings"},
           {R"({"ignore_chats":["everybody"]})", "everybody"},
           {R"({"headers":{"Content-Length":"5"}})", "Content-Length"},
           {R"({"headers":{"webhook-id":"x"}})", "webhook-id"},
           {R"({"headers":{"X-Konekwa-Event":"x"}})", "X-Konekwa-Event"},
           {R"({"headers":{"a b":"x"}})", "name of a header"},
           {R"({"headers":{"X-A":"a\nb"}})", "X-A"},
           {R"({"headers":{"X-A":""}})", "X-A"},
       }) {
    INFO(body);
    const auto answer = f.with_key(f.key, "PATCH", f.hooks, body);
    CHECK(answer.status == 400);
    CHECK(answer.body["error"]["details"].get<std::string>().find(hint) != std::string::npos);
  }
  CHECK(f.patch("{}")["webhooks"].dump() == "{}");
}

TEST_CASE("a test goes to each URL at once, signed, and says what came of it") {
  Fixture f;
  CHECK(f.with_key(f.key, "POST", f.hooks + "/test").status == 400);   // no URL yet
  f.patch(R"({"message":"https://a.example/m?k=RAHASIA","status":"https://b.example/s","headers":{"X-A":"b"}})");
  f.web.script = {test::FakeWebClient::status(204), fail(ErrorCode::NETWORK, "Connection refused")};
  const std::size_t before = f.web.requests.size();
  const auto answer = f.with_key(f.key, "POST", f.hooks + "/test");
  REQUIRE(answer.status == 200);
  CHECK(answer.body["results"].dump() ==
        R"([{"target":"message","url":"https://a.example/m?***","delivered":true,"http_status":204},)"
        R"({"target":"status","url":"https://b.example/s","delivered":false,"error":"Connection refused"}])");
  REQUIRE(f.web.requests.size() == before + 2);
  const auto& request = f.web.requests[before];
  CHECK(request.body.find("\"event_type\":\"webhook.test\"") != std::string::npos);
  std::map<std::string, std::string> headers(request.headers.begin(), request.headers.end());
  CHECK(headers["webhook-signature"].starts_with("v1,"));
  CHECK(headers["X-A"] == "b");
}

TEST_CASE("the log of deliveries: every state, paged, without secrets of the URL") {
  Fixture f;
  const Time now = f.loop.now();
  f.add_dead("wh_1", f.session, now);
  test::add_delivery(f.store.db, "wh_2", "lane", now, "https://example.com/", f.session);
  const auto first = f.with_key(f.key, "GET", "/v1/webhooks/deliveries?page_size=1");
  REQUIRE(first.status == 200);
  CHECK(first.body["deliveries"][0]["id"] == "wh_2");
  CHECK(first.body["deliveries"][0]["state"] == "queued");
  const std::string token = first.body["next_page_token"];
  const auto second = f.with_key(f.key, "GET", "/v1/webhooks/deliveries?page_size=1&page_token=" + token);
  const Json row = second.body["deliveries"][0];
  CHECK(row["state"] == "dead");
  CHECK(row["http_status"] == 500);
  CHECK(row["latency_ms"] == 12);
  CHECK(row["response"] == "oops");
  CHECK(row["url"] == "https://example.com/hook?***");
  CHECK_FALSE(second.body.contains("next_page_token"));
  CHECK(f.with_key(f.key, "GET", "/v1/webhooks/deliveries?state=delivered").body["deliveries"].empty());
  CHECK(f.with_key(f.key, "GET", "/v1/webhooks/deliveries?state=lost").status == 400);
  CHECK(f.with_key(f.key, "GET", "/v1/webhooks/failed?state=delivered").status == 400);
}

TEST_CASE("many are replayed by one request, those that it means and nobody else's") {
  Fixture f;
  const std::string other_key = f.new_token(R"({"name":"o","tenant":"warung"})");
  const std::string other = f.new_session(other_key);
  const Time now = f.loop.now();
  f.add_dead("wh_old", f.session, now - hours(5));
  f.add_dead("wh_new", f.session, now);
  f.add_dead("wh_other", other, now);
  const auto replay = [&](const std::string& body) { return f.with_key(f.key, "POST", "/v1/webhooks/replay", body); };
  CHECK(replay("{}").status == 400);
  CHECK(replay(R"({"session_id":")" + other + R"("})").status == 404);
  CHECK(replay(R"({"since":"yesterday"})").status == 400);
  CHECK(f.failed() == 2);
  const auto old = replay(R"({"session_id":")" + f.session + R"(","until":")" + to_rfc3339(now - hours(1)) + R"("})");
  CHECK(old.body.dump() ==
        R"({"message":"Webhook replays queued successfully","replayed_count":1,"is_complete":true})");
  CHECK(f.failed() == 1);
  CHECK(replay(R"({"all":true})").body["replayed_count"] == 1);
  CHECK(f.failed() == 0);
  CHECK(f.with_key(other_key, "GET", "/v1/webhooks/failed").body["webhooks"].size() == 1);
}

TEST_CASE("a session says how its webhooks do") {
  Fixture f;
  test::add_delivery(f.store.db, "wh_1", "a", f.loop.now(), "https://example.com/", f.session);
  f.add_dead("wh_2", f.session, f.loop.now());
  f.loop.advance(seconds(7));
  const Json health = f.with_key(f.key, "GET", "/v1/sessions/" + f.session).body["health"];
  CHECK(health["webhook_pending"] == 1);
  CHECK(health["webhook_oldest_age_s"] == 7);
  CHECK(health["webhook_last_error"] == "HTTP 500");
  CHECK_FALSE(health.contains("webhook_last_success_at"));
}

}  // namespace
}  // namespace konekwa
