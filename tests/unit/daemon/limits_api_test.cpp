// How often who may ask, and what the daemon was told not to allow at all.
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Limits = http::RateLimits;

namespace {

struct Fixture : ApiFixture {
  explicit Fixture(Limits limits = {5, 5}, GatewayOptions options = {}) : ApiFixture(std::move(options), limits) {}

  // The answers to so many requests at one moment that were not refused for their number.
  int let_in(int count, const test::Ask& wanted) {
    int out = 0;
    for (int i = 0; i < count; ++i) out += ask(wanted).status != 429 ? 1 : 0;
    return out;
  }
  static test::Ask from(const std::string& address, const std::string& target, const std::string& key = {}) {
    return {"GET", target, "", key, false, {{"x-forwarded-for", address}}};
  }
};

}  // namespace

TEST_CASE("a key has a burst of twice its rate, which comes back with time") {
  Fixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const test::Ask me = {"GET", "/v1/me", "", key, false, {}};
  CHECK(f.let_in(15, me) == 10);
  f.loop.advance(seconds(1));
  CHECK(f.let_in(15, me) == 5);
  f.loop.advance(milliseconds(200));
  CHECK(f.let_in(15, me) == 1);
  f.loop.advance(hours(1));
  CHECK(f.let_in(15, me) == 10);
}

TEST_CASE("every answer to a key says how much is left, and a refusal when to come back") {
  Fixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const auto first = f.with_key(key, "GET", "/v1/me");
  CHECK(first.headers.at("RateLimit-Policy") == "\"default\";q=5;w=1");
  CHECK(first.headers.at("RateLimit") == "\"default\";r=9;t=1");
  // Also what is refused for another reason.
  CHECK(f.with_key(key, "GET", "/v1/tokens").headers.at("RateLimit") == "\"default\";r=8;t=1");
  CHECK(f.with_key(key, "GET", "/v1/messages/msg_none").headers.at("RateLimit") == "\"default\";r=7;t=1");
  f.let_in(7, {"GET", "/v1/me", "", key, false, {}});
  const auto refused = f.with_key(key, "GET", "/v1/me");
  CHECK(refused.status == 429);
  CHECK(refused.code() == "RATE_LIMIT_EXCEEDED");
  CHECK(refused.headers.at("Retry-After") == "1");
  CHECK(refused.headers.at("RateLimit") == "\"default\";r=0;t=2");
  f.loop.advance(seconds(1));
  CHECK(f.with_key(key, "GET", "/v1/me").status == 200);
}

TEST_CASE("what is refused for its number changes nothing") {
  Fixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string session = f.new_session(key);
  const test::Ask send = {"POST", "/v1/messages", test::message_body(session), key, false, {}};
  const int accepted = f.let_in(15, send);
  CHECK(accepted == 9);
  CHECK(f.admin("GET", "/v1/messages").body["total_count"] == accepted);
}

TEST_CASE("each key has its own rate, and a key that was turned keeps the one it had") {
  Fixture f;
  const auto made = f.admin("POST", "/v1/tokens", R"({"name":"a"})");
  const std::string key = made.body["token"], other = f.new_token(R"({"name":"b"})");
  CHECK(f.let_in(15, {"GET", "/v1/me", "", key, false, {}}) == 10);
  CHECK(f.let_in(15, {"GET", "/v1/me", "", other, false, {}}) == 10);
  const std::string fresh =
      f.admin("POST", "/v1/tokens/" + made.body["id"].get<std::string>() + "/rotate").body["token"];
  CHECK(f.let_in(1, {"GET", "/v1/me", "", fresh, false, {}}) == 0);
}

TEST_CASE("who guesses keys is stopped by address, without harm to a good key from there") {
  Fixture f;
  const std::string key = f.new_token(R"({"name":"k"})");
  const auto wrong = Fixture::from("203.0.113.7", "/v1/me", "kwt_wrong");
  CHECK(f.let_in(15, wrong) == 10);
  const auto refused = f.ask(wrong);
  CHECK(refused.code() == "RATE_LIMIT_EXCEEDED");
  CHECK(refused.headers.contains("Retry-After"));
  CHECK(f.ask(Fixture::from("203.0.113.7", "/v1/me")).status == 429);   // no key at all counts too
  CHECK(f.ask(Fixture::from("203.0.113.7", "/v1/me", key)).status == 200);
  CHECK(f.ask(Fixture::from("203.0.113.8", "/v1/me", "kwt_wrong")).status == 401);
}

TEST_CASE("public routes are limited by address") {
  Fixture f;
  CHECK(f.let_in(15, Fixture::from("203.0.113.7", "/api/v1/status/ses_none")) == 10);
  CHECK(f.let_in(15, Fixture::from("203.0.113.8", "/api/v1/status")) == 10);
  CHECK(f.let_in(15, Fixture::from("198.51.100.1, 203.0.113.9", "/api/v1/status")) == 10);
  // The proxy adds the last entry; what stands before it was said by the client.
  CHECK(f.let_in(1, Fixture::from("198.51.100.2, 203.0.113.9", "/api/v1/status")) == 0);
  CHECK(f.let_in(1, Fixture::from("198.51.100.1", "/api/v1/status")) == 1);
}

TEST_CASE("whether the daemon lives is answered at any time") {
  Fixture f({1, 1});
  for (const char* target : {"/health", "/ready"}) {
    INFO(target);
    CHECK(f.let_in(50, Fixture::from("203.0.113.7", target)) == 50);
    CHECK(f.let_in(50, Fixture::from("203.0.113.7", target, "kwt_wrong")) == 50);
  }
}

TEST_CASE("X-Forwarded-For is believed from this machine only") {
  Fixture f;
  const auto let_in = [&](const std::string& peer) {
    int out = 0;
    for (int i = 0; i < 15; ++i) {
      http::Request request;
      request.header.method = "GET";
      request.header.target = "/api/v1/status";
      request.header.fields = {{"x-forwarded-for", "203.0.113." + std::to_string(i)}};
      request.target = *http::parse_target("/api/v1/status");
      request.peer.address = peer;
      out += std::holds_alternative<http::Application::Admitted>(f.api->admit(request)) ? 1 : 0;
    }
    return out;
  };
  CHECK(let_in("198.51.100.1") == 10);
  CHECK(let_in("1270.0.0.1") == 10);
  CHECK(let_in("127.0.0.1") == 15);
  CHECK(let_in("::1") == 15);
}

TEST_CASE("the Unix socket is limited only for a key") {
  Fixture f({1, 1});
  CHECK(f.let_in(50, {"GET", "/v1/sessions", "", "", true, {}}) == 50);
  CHECK(f.let_in(50, {"GET", "/api/v1/status", "", "", true, {}}) == 50);
  CHECK_FALSE(f.admin("GET", "/v1/me").headers.contains("RateLimit"));
  const std::string key = f.new_token(R"({"name":"k"})");
  CHECK(f.let_in(50, {"GET", "/v1/me", "", key, true, {}}) == 2);
}

TEST_CASE("a rate of 0 is none") {
  Fixture f({0, 0});
  const std::string key = f.new_token(R"({"name":"k"})");
  CHECK(f.let_in(500, {"GET", "/v1/me", "", key, false, {}}) == 500);
  CHECK(f.let_in(500, {"GET", "/v1/me", "", "kwt_wrong", false, {}}) == 500);
  CHECK_FALSE(f.with_key(key, "GET", "/v1/me").headers.contains("RateLimit"));
}

TEST_CASE("codes that are signed take the link that the owner got") {
  GatewayOptions options;
  options.public_qr = GatewayOptions::PublicQr::Signed;
  Fixture f({0, 0}, options);
  const std::string key = f.new_token(R"({"name":"k"})");
  const auto made = f.with_key(key, "POST", "/v1/sessions", R"({"name":"x"})");
  const std::string url = made.body["qr_url"], id = made.body["id"];
  const std::size_t link = url.find("?t=");
  REQUIRE(link != std::string::npos);
  for (const char* route : {"", "/image", "/stream"}) {
    INFO(route);
    const std::string target = "/api/v1/qr/" + id + route;
    CHECK(f.with_key("", "GET", target).status == 403);
    CHECK(f.with_key("", "GET", target).code() == "INVALID_QR_TOKEN");
    CHECK(f.with_key("", "GET", target + url.substr(link)).status != 403);
    CHECK(f.with_key(key, "GET", target).status != 403);
  }
  const std::string second = f.new_session(key, "second");
  CHECK(f.with_key("", "GET", "/api/v1/qr/" + second + url.substr(link)).code() == "INVALID_QR_TOKEN");
  CHECK(f.with_key("", "GET", "/api/v1/status/" + id).status == 200);   // tells no code
}

TEST_CASE("codes that are off are there for keys that may read the session only") {
  GatewayOptions options;
  options.public_qr = GatewayOptions::PublicQr::Off;
  Fixture f({0, 0}, options);
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string session = f.new_session(key);
  const std::string sender = f.new_token(R"({"name":"s","scopes":["messages:send"]})");
  const std::string stranger = f.new_token(R"({"name":"s","tenant":"warung"})");
  const std::string target = "/api/v1/qr/" + session;
  CHECK(f.with_key(key, "GET", target).status == 200);
  CHECK(f.admin("GET", target).status == 200);
  for (const std::string& other : {std::string(), std::string("kwt_wrong"), sender, stranger}) {
    CHECK(f.with_key(other, "GET", target).status == 404);
    CHECK(f.with_key(other, "GET", target).code() == "NOT_FOUND");
    CHECK(f.with_key(other, "GET", target + "/stream").code() == "NOT_FOUND");
    CHECK(f.with_key(other, "GET", target + "/image").code() == "NOT_FOUND");
  }
  // Whether a session exists is not told either.
  CHECK(f.with_key("", "GET", target).raw == f.with_key("", "GET", "/api/v1/qr/ses_none").raw);
}

TEST_CASE("sessions are deleted all at once only where that is allowed") {
  GatewayOptions options;
  options.allow_bulk_delete = false;
  Fixture f({0, 0}, options);
  const std::string key = f.new_token(R"({"name":"k"})");
  const std::string session = f.new_session(key);
  const auto refused = f.with_key(key, "DELETE", "/v1/sessions");
  CHECK(refused.status == 403);
  CHECK(refused.code() == "FORBIDDEN");
  CHECK(f.admin("DELETE", "/v1/sessions").status == 403);
  CHECK(f.with_key(key, "GET", "/v1/sessions/" + session).status == 200);
  CHECK(f.with_key(key, "DELETE", "/v1/sessions/" + session).status == 200);
}

TEST_CASE("deleting all deletes what the key may see, and says how many") {
  Fixture f({0, 0});
  const std::string key = f.new_token(R"({"name":"k"})"), other = f.new_token(R"({"name":"o","tenant":"warung"})");
  const std::string first = f.new_session(key, "a");
  f.new_session(key, "b");
  f.new_session(other, "c");
  const std::string narrow = f.new_token(Json{{"name", "n"}, {"sessions", {first}}}.dump());
  CHECK(f.with_key(narrow, "DELETE", "/v1/sessions").body["deleted_count"] == 1);
  CHECK(f.with_key(key, "GET", "/v1/sessions").body["sessions"].size() == 1);
  const auto deleted = f.with_key(key, "DELETE", "/v1/sessions");
  CHECK(deleted.body["message"] == "All sessions deleted successfully");
  CHECK(deleted.body["deleted_count"] == 1);
  CHECK(f.with_key(key, "DELETE", "/v1/sessions").body["deleted_count"] == 0);
  CHECK(f.with_key(other, "GET", "/v1/sessions").body["sessions"].size() == 1);
}
