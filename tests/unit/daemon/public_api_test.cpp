#include "daemon/store/sessions.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;
using store::SessionStatus;

namespace {

struct Fixture : ApiFixture {
  const std::string key = new_token(R"({"name":"k"})");
  const std::string session = new_session(key);
  test::Answer get(const std::string& target) { return with_key("", "GET", target); }
};

}  // namespace

TEST_CASE("the status of a session is public under three names, without its number") {
  Fixture f;
  store::sessions::set_linked(f.store.db, f.session, "6281234567890", "Toko");
  f.set_status(f.session, SessionStatus::CONNECTED);
  const auto status = f.get("/api/v1/sessions/" + f.session + "/status");
  CHECK(status.status == 200);
  CHECK(status.keys() == Keys{"id", "status", "connected", "updated_at"});
  CHECK(status.body["connected"] == true);
  CHECK(status.raw.find("6281234567890") == std::string::npos);
  CHECK(f.get("/api/v1/status/" + f.session).raw == status.raw);
  CHECK(f.get("/api/v1/qr/" + f.session + "/status").raw == status.raw);
  CHECK(f.get("/api/v1/status/ses_none").code() == "SESSION_NOT_FOUND");
}

TEST_CASE("a code that is not there yet is waited for, then asked for again") {
  Fixture f;
  const auto json = f.get("/api/v1/qr/" + f.session);
  CHECK(json.status == 200);
  CHECK_FALSE(json.body.contains("qr"));
  CHECK(json.headers.at("Retry-After") == "1");
  CHECK(json.headers.at("Cache-Control") == "no-store");
  CHECK(json.headers.at("Access-Control-Allow-Origin") == "*");

  f.set_status(f.session, SessionStatus::CONNECTING);
  const Time asked = f.loop.now();
  const auto picture = f.get("/api/v1/qr/" + f.session + "/image");
  CHECK(picture.status == 404);
  CHECK(picture.code() == "QR_NOT_READY");
  CHECK(f.loop.now() - asked >= seconds(3));
}

TEST_CASE("a picture that will not come is told why") {
  Fixture f;
  f.set_status(f.session, SessionStatus::CONNECTED);
  CHECK(f.get("/api/v1/qr/" + f.session + "/image").code() == "SESSION_ALREADY_CONNECTED");
  CHECK(f.get("/api/v1/qr/" + f.session).body["status"] == "CONNECTED");
  f.set_status(f.session, SessionStatus::DISCONNECTED, "QR_TIMEOUT");
  CHECK(f.get("/api/v1/qr/" + f.session + "/image").status == 410);
  CHECK(f.get("/api/v1/qr/" + f.session).body["status_reason"] == "QR_TIMEOUT");
  CHECK(f.get("/api/v1/qr/ses_none/image").code() == "SESSION_NOT_FOUND");
  CHECK(f.get("/api/v1/qr/ses_none").code() == "SESSION_NOT_FOUND");
}

TEST_CASE("a chosen id can be guessed: its code takes the signed link, or a key that may see it") {
  Fixture f;
  const auto made = f.with_key(f.key, "POST", "/v1/sessions", R"({"name":"x","id":"session-001"})");
  const std::string url = made.body["qr_url"];
  REQUIRE(url.starts_with("/api/v1/qr/session-001/image?t="));
  const std::string json_url = "/api/v1/qr/session-001?t=" + url.substr(url.find("?t=") + 3);
  CHECK(f.get("/api/v1/qr/session-001").code() == "INVALID_QR_TOKEN");
  CHECK(f.get("/api/v1/qr/session-001").status == 403);
  CHECK(f.get("/api/v1/qr/session-001/image?t=1.x").code() == "INVALID_QR_TOKEN");
  CHECK(f.get(json_url).status == 200);
  CHECK(f.with_key(f.key, "GET", "/api/v1/qr/session-001").status == 200);
  CHECK(f.admin("GET", "/api/v1/qr/session-001").status == 200);
  const std::string stranger = f.new_token(R"({"name":"s","tenant":"warung"})");
  CHECK(f.with_key(stranger, "GET", "/api/v1/qr/session-001").code() == "INVALID_QR_TOKEN");
  CHECK(f.get("/api/v1/status/session-001").status == 200);
  f.loop.advance(hours(25));
  CHECK(f.get(json_url).code() == "INVALID_QR_TOKEN");
}
