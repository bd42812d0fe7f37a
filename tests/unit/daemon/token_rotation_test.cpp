// The life of a key: turned into another one, seen in use, ended.
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;

namespace {

struct Fixture : ApiFixture {
  const test::Answer token = admin("POST", "/v1/tokens", R"({"name":"k","expires_in":"365d"})");
  const std::string id = token.body["id"], old = token.body["token"];

  test::Answer rotate(const std::string& body = {}) { return admin("POST", "/v1/tokens/" + id + "/rotate", body); }
  test::Answer use(const std::string& key) { return with_key(key, "GET", "/v1/me"); }
  Json show() { return admin("GET", "/v1/tokens/" + id).body; }
};

}  // namespace

TEST_CASE("both keys are valid for a day, then the old one has expired") {
  Fixture f;
  const auto rotated = f.rotate();
  REQUIRE(rotated.status == 200);
  const std::string fresh = rotated.body["token"];
  CHECK(fresh != f.old);
  CHECK(rotated.body["id"] == f.id);
  CHECK(rotated.body["prefix"] == fresh.substr(0, 8));
  CHECK(rotated.body["expires_at"] == f.token.body["expires_at"]);
  CHECK(rotated.body["previous_valid_until"] == to_rfc3339(f.loop.now() + hours(24)));
  CHECK(f.use(fresh).status == 200);
  CHECK(f.use(f.old).status == 200);
  CHECK(f.use(f.old).raw == f.use(fresh).raw);
  f.loop.advance(hours(24) - milliseconds(1));
  CHECK(f.use(f.old).status == 200);
  f.loop.advance(milliseconds(1));
  CHECK(f.use(f.old).code() == "API_KEY_EXPIRED");
  CHECK(f.use(fresh).status == 200);
}

TEST_CASE("without grace the old key ends at once") {
  Fixture f;
  const std::string fresh = f.rotate(R"({"grace":"0s"})").body["token"];
  CHECK(f.use(f.old).code() == "API_KEY_EXPIRED");
  CHECK(f.use(fresh).status == 200);
}

TEST_CASE("of keys that were turned twice the last two count") {
  Fixture f;
  const std::string second = f.rotate().body["token"], third = f.rotate(R"({"grace":"1h"})").body["token"];
  CHECK(f.use(f.old).status == 401);
  CHECK(f.use(second).status == 200);
  CHECK(f.use(third).status == 200);
  f.loop.advance(hours(1));
  CHECK(f.use(second).code() == "API_KEY_EXPIRED");
  CHECK(f.use(third).status == 200);
}

TEST_CASE("grace is a duration of at most 30 days") {
  Fixture f;
  for (const char* body : {R"({"grace":"soon"})", R"({"grace":"-1h"})", R"({"grace":"31d"})", R"({"grace":60})",
                           R"({"grace":""})", "[]", "{"}) {
    INFO(body);
    CHECK(f.rotate(body).status == 400);
  }
  CHECK(f.use(f.old).status == 200);
  CHECK(f.rotate(R"({"grace":"30d"})").status == 200);
  CHECK(f.admin("POST", "/v1/tokens/tok_none/rotate").code() == "TOKEN_NOT_FOUND");
}

TEST_CASE("revoking ends both keys at once, and what is revoked is not turned") {
  Fixture f;
  const std::string fresh = f.rotate().body["token"];
  CHECK(f.admin("DELETE", "/v1/tokens/" + f.id).status == 200);
  CHECK(f.use(fresh).code() == "API_KEY_REVOKED");
  CHECK(f.use(f.old).code() == "API_KEY_REVOKED");
  CHECK(f.rotate().code() == "CONFLICT");
  CHECK(f.show()["revoked_at"] == to_rfc3339(f.loop.now()));
}

TEST_CASE("a key that has expired does so in both its forms") {
  Fixture f;
  f.loop.advance(hours(24 * 365) - minutes(1));
  const std::string fresh = f.rotate().body["token"];
  f.loop.advance(minutes(1));
  CHECK(f.use(fresh).code() == "API_KEY_EXPIRED");
  CHECK(f.use(f.old).code() == "API_KEY_EXPIRED");
}

TEST_CASE("a token shows when and from where it was used, and never its key") {
  Fixture f;
  CHECK_FALSE(f.show().contains("last_used_ip"));
  f.use(f.old);
  CHECK(f.show()["last_used_ip"] == "127.0.0.1");
  CHECK(f.show()["last_used_at"] == to_rfc3339(f.loop.now()));
  // The proxy on this machine says for whom it asks.
  f.loop.advance(minutes(2));
  f.ask({"GET", "/v1/me", "", f.old, false, {{"x-forwarded-for", "198.51.100.9, 203.0.113.7"}}});
  CHECK(f.show()["last_used_ip"] == "203.0.113.7");
  const std::string fresh = f.rotate().body["token"];
  for (const std::string& shown : {f.admin("GET", "/v1/tokens").raw, f.show().dump()}) {
    CHECK(shown.find(f.old) == std::string::npos);
    CHECK(shown.find(fresh) == std::string::npos);
  }
}

TEST_CASE("tokens are turned by admins, of the tenants that they see") {
  Fixture f;
  const std::string target = "/v1/tokens/" + f.id;
  CHECK(f.with_key(f.old, "POST", target + "/rotate").code() == "FORBIDDEN");
  CHECK(f.admin("POST", target + "/rotate", "", "warung").code() == "TOKEN_NOT_FOUND");
  CHECK(f.admin("GET", target, "", "warung").code() == "TOKEN_NOT_FOUND");
  CHECK(f.admin("DELETE", target, "", "warung").code() == "TOKEN_NOT_FOUND");
  CHECK(f.use(f.old).status == 200);
}
