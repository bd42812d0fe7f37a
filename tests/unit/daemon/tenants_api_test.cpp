#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;

namespace {

struct Fixture : ApiFixture {
  test::Answer make(const std::string& body) { return admin("POST", "/v1/tenants", body); }
  test::Answer show(const std::string& id) { return admin("GET", "/v1/tenants/" + id); }
  test::Answer patch(const std::string& id, const std::string& body) {
    return admin("PATCH", "/v1/tenants/" + id, body);
  }
  test::Answer erase(const std::string& id) { return admin("DELETE", "/v1/tenants/" + id); }
};

}  // namespace

TEST_CASE("a tenant is made, shown, listed, renamed and deleted") {
  Fixture f;
  const auto made = f.make(R"({"id":"toko","name":"Toko Budi"})");
  CHECK(made.status == 201);
  CHECK(made.body["id"] == "toko");
  CHECK(made.body["name"] == "Toko Budi");
  CHECK(made.body["created_at"] == to_rfc3339(f.loop.now()));
  CHECK(f.make(R"({"id":"toko"})").status == 409);
  CHECK(f.make(R"({"id":"toko"})").code() == "CONFLICT");

  const auto shown = f.show("toko");
  CHECK(shown.keys() == Keys{"id", "name", "suspended", "created_at", "sessions", "tokens"});
  CHECK(shown.body["suspended"] == false);
  CHECK(f.patch("toko", R"({"name":"Warung"})").body["name"] == "Warung");
  CHECK(f.show("toko").body["name"] == "Warung");
  CHECK(f.admin("GET", "/v1/tenants").raw.find("Warung") != std::string::npos);
  CHECK(f.erase("toko").raw == R"({"message":"Tenant deleted successfully"})");
  CHECK(f.erase("toko").code() == "TENANT_NOT_FOUND");
  CHECK(f.show("toko").code() == "TENANT_NOT_FOUND");
  CHECK(f.patch("toko", R"({"name":"x"})").code() == "TENANT_NOT_FOUND");
}

TEST_CASE("a tenant request that is wrong says what") {
  Fixture f;
  CHECK(f.make("{}").details() == "Field 'id' is required");
  for (const char* body : {R"({"id":""})", R"({"id":"a b"})", R"({"id":7})", R"({"id":"a/b"})",
                           R"({"id":"x","name":1})"}) {
    INFO(body);
    CHECK(f.make(body).code() == "INVALID_REQUEST");
  }
  CHECK(f.make(Json{{"id", std::string(65, 'x')}}.dump()).code() == "INVALID_REQUEST");
  CHECK(f.make(Json{{"id", "x"}, {"name", std::string(101, 'x')}}.dump()).code() == "INVALID_REQUEST");
  f.make(R"({"id":"toko"})");
  CHECK(f.patch("toko", "{}").code() == "INVALID_REQUEST");
  CHECK(f.patch("toko", R"({"suspended":"yes"})").code() == "INVALID_REQUEST");
}

TEST_CASE("the first token makes its tenant, and both are counted") {
  Fixture f;
  const std::string key = f.new_token(R"({"name":"a","tenant":"toko"})");
  f.new_token(R"({"name":"b","tenant":"toko"})");
  f.new_session(key);
  const auto shown = f.show("toko");
  CHECK(shown.status == 200);
  CHECK(shown.body["tokens"] == 2);
  CHECK(shown.body["sessions"] == 1);
}

TEST_CASE("a tenant in use is not deleted; its templates and revoked tokens go with it") {
  Fixture f;
  const auto token = f.admin("POST", "/v1/tokens", R"({"name":"a","tenant":"toko"})");
  const std::string key = token.body["token"];
  const std::string session = f.new_session(key);
  f.with_key(key, "POST", "/v1/templates", R"({"name":"t","content":"rahasia"})");
  CHECK(f.erase("toko").code() == "CONFLICT");
  f.with_key(key, "DELETE", "/v1/sessions/" + session);
  CHECK(f.erase("toko").status == 409);
  f.admin("DELETE", "/v1/tokens/" + token.body["id"].get<std::string>());
  CHECK(f.erase("toko").status == 200);
  CHECK(f.admin("GET", "/v1/templates").body["templates"].empty());
  CHECK(f.with_key(key, "GET", "/v1/me").status == 401);
  // Whoever takes the name later gets nothing of it.
  const std::string next = f.new_token(R"({"name":"n","tenant":"toko"})");
  CHECK(f.with_key(next, "GET", "/v1/templates").body["templates"].empty());
  CHECK(f.with_key(next, "GET", "/v1/messages").body["total_count"] == 0);
  CHECK(f.show("toko").body["tokens"] == 1);
}

TEST_CASE("the keys of a suspended tenant are refused on every route, until it is resumed") {
  Fixture f;
  const std::string key = f.new_token(R"({"name":"a","tenant":"toko"})");
  const std::string other = f.new_token(R"({"name":"b","tenant":"warung"})");
  f.new_session(key);
  const auto suspended = f.patch("toko", R"({"suspended":true})");
  CHECK(suspended.body["suspended"] == true);
  const std::string since = suspended.body["suspended_at"];
  for (const auto& route : http::all_routes(f.gateway, http::Metrics())) {
    if (!route.pattern.starts_with("/v1/")) continue;
    INFO(route.method << " " << route.pattern);
    const auto refused = f.with_key(key, std::string(route.method), std::string(route.pattern), "{}");
    CHECK(refused.status == 403);
    CHECK(refused.code() == "TENANT_SUSPENDED");
  }
  CHECK(f.with_key(other, "GET", "/v1/me").status == 200);
  CHECK(f.admin("GET", "/v1/sessions", "", "toko").body["sessions"].size() == 1);
  CHECK(f.with_key("", "GET", "/health").status == 200);

  f.loop.advance(hours(1));
  CHECK(f.patch("toko", R"({"suspended":true})").body["suspended_at"] == since);
  CHECK(f.patch("toko", R"({"name":"x"})").body["suspended"] == true);
  const auto resumed = f.patch("toko", R"({"suspended":false})");
  CHECK(resumed.body["suspended"] == false);
  CHECK_FALSE(resumed.body.contains("suspended_at"));
  CHECK(f.with_key(key, "GET", "/v1/me").status == 200);
}

TEST_CASE("an admin who acts for one tenant sees that one") {
  Fixture f;
  f.make(R"({"id":"toko"})");
  f.make(R"({"id":"warung"})");
  const auto list = f.admin("GET", "/v1/tenants", "", "toko");
  REQUIRE(list.body["tenants"].size() == 1);
  CHECK(list.body["tenants"][0]["id"] == "toko");
  CHECK(f.admin("GET", "/v1/tenants/warung", "", "toko").code() == "TENANT_NOT_FOUND");
  CHECK(f.admin("DELETE", "/v1/tenants/warung", "", "toko").code() == "TENANT_NOT_FOUND");
  CHECK(f.admin("POST", "/v1/tenants", R"({"id":"kios"})", "toko").code() == "FORBIDDEN");
}

TEST_CASE("tenants are for admins") {
  Fixture f;
  const std::string key = f.new_token(R"({"name":"a","tenant":"toko"})");
  CHECK(f.with_key(key, "GET", "/v1/tenants").code() == "FORBIDDEN");
  CHECK(f.with_key(key, "GET", "/v1/tenants/toko").code() == "FORBIDDEN");
  CHECK(f.with_key(key, "PATCH", "/v1/tenants/toko", R"({"suspended":false})").code() == "FORBIDDEN");
}
