#include "daemon/gateway/json_fields.h"

using namespace konekwa;

TEST_CASE("a field that is missing is named in the documented words") {
  JsonFields fields(R"({"content":"hi"})");
  CHECK(fields.required_text("recipient").empty());
  REQUIRE(fields.error());
  CHECK(fields.error()->code == ErrorCode::INVALID_REQUEST);
  CHECK(fields.error()->message == "The request body is missing required fields");
  CHECK(fields.error()->details == "Field 'recipient' is required");
}

TEST_CASE("the first thing that is wrong is the one that is told") {
  JsonFields fields(R"({"a":1,"b":2})");
  fields.text("a");
  fields.required_text("c");
  CHECK(fields.error()->details == "Field 'a' must be a string");
}

TEST_CASE("null is as good as absent, but for who asks") {
  JsonFields fields(R"({"a":null})");
  CHECK_FALSE(fields.text("a"));
  CHECK_FALSE(fields.has("a"));
  CHECK(fields.is_present("a"));
  CHECK_FALSE(fields.is_present("b"));
  CHECK_FALSE(fields.error());
}

TEST_CASE("a nested object has its path in its errors") {
  JsonFields fields(R"({"webhooks":{"message":5}})");
  auto webhooks = fields.nested("webhooks");
  REQUIRE(webhooks);
  webhooks->text("message");
  CHECK(webhooks->error()->details == "Field 'webhooks.message' must be a string");
}

TEST_CASE("what is no JSON object is refused") {
  CHECK(JsonFields("{").error()->code == ErrorCode::INVALID_JSON);
  CHECK(JsonFields("[]").error()->code == ErrorCode::INVALID_REQUEST);
  CHECK(JsonFields(R"({"a":1,"a":2})").error()->code == ErrorCode::INVALID_JSON);
  CHECK(JsonFields("{\"a\":\"\xff\"}").error()->code == ErrorCode::INVALID_JSON);
  CHECK_FALSE(JsonFields("").error());
}

TEST_CASE("fields that nobody read are warned of, in a header that cannot be broken") {
  JsonFields fields("{\"a\":\"x\",\"b\":1,\"c\\r\\nX: y\":1,\"d\":1}");
  fields.text("a");
  const auto headers = fields.warning_headers();
  REQUIRE(headers.size() == 1);
  CHECK(headers[0].second == "unknown field b, unknown field d");
  JsonFields quiet(R"({"a":"x"})");
  quiet.text("a");
  CHECK(quiet.warning_headers().empty());
}
