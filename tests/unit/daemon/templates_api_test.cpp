#include "daemon/store/messages.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;

namespace {

struct Fixture : ApiFixture {
  const std::string key = new_token(R"({"name":"k"})");
  const std::string session = new_session(key);

  test::Answer make(const Json& body) { return with_key(key, "POST", "/v1/templates", body.dump()); }
  std::string made(const std::string& content, const std::string& type = "text") {
    const auto answer = make({{"name", "t"}, {"content", content}, {"message_type", type}});
    INFO(answer.raw);
    REQUIRE(answer.status == 201);
    return answer.body["id"];
  }
  test::Answer show(const std::string& id) { return with_key(key, "GET", "/v1/templates/" + id); }
  test::Answer put(const std::string& id, const Json& body) {
    return with_key(key, "PUT", "/v1/templates/" + id, body.dump());
  }
  test::Answer erase(const std::string& id) { return with_key(key, "DELETE", "/v1/templates/" + id); }

  test::Answer send(const std::string& id, const Json& values, const Json& more = Json::object()) {
    Json body = Json::parse(test::message_body(session));
    body.erase("content");
    body["template_id"] = id;
    if (!values.is_null()) body["placeholder_values"] = values;
    body.update(more);
    return with_key(key, "POST", "/v1/messages", body.dump());
  }
  Json shown_message(const test::Answer& accepted) {
    INFO(accepted.raw);
    REQUIRE(accepted.status == 202);
    return with_key(key, "GET", "/v1/messages/" + accepted.body["message_id"].get<std::string>()).body;
  }
};

}  // namespace

TEST_CASE("a template is made, shown, listed, changed and deleted") {
  Fixture f;
  const auto made = f.make({{"name", "Resi"}, {"content", "Halo {{name}}, {{ resi }}"}});
  REQUIRE(made.status == 201);
  const Keys keys = made.keys();
  CHECK(Keys(keys.begin(), keys.begin() + 5) == Keys{"id", "name", "content", "message_type", "created_at"});
  CHECK(made.body["message_type"] == "text");
  const std::string id = made.body["id"];
  CHECK(id.starts_with("tpl_"));
  const auto shown = f.show(id);
  CHECK(shown.status == 200);
  CHECK(shown.body["placeholders"] == Json{"name", "resi"});
  CHECK(shown.body["updated_at"] == shown.body["created_at"]);

  f.loop.advance(minutes(1));
  const auto changed = f.put(id, {{"content", "Hai {{x}}"}});
  CHECK(changed.status == 200);
  CHECK(changed.body["name"] == "Resi");
  CHECK(changed.body["content"] == "Hai {{x}}");
  CHECK(changed.body["placeholders"] == Json{"x"});
  CHECK(changed.body["updated_at"] == to_rfc3339(f.loop.now()));
  CHECK(changed.body["created_at"] == made.body["created_at"]);
  CHECK(f.show(id).body == changed.body);

  const auto list = f.with_key(f.key, "GET", "/v1/templates");
  REQUIRE(list.body["templates"].size() == 1);
  CHECK(list.body["templates"][0]["id"] == id);

  const auto deleted = f.erase(id);
  CHECK(deleted.raw == R"({"message":"Template deleted successfully"})");
  CHECK(f.show(id).code() == "TEMPLATE_NOT_FOUND");
  CHECK(f.erase(id).code() == "TEMPLATE_NOT_FOUND");
  CHECK(f.put(id, {{"name", "x"}}).code() == "TEMPLATE_NOT_FOUND");
  CHECK(f.with_key(f.key, "GET", "/v1/templates").body["templates"].empty());
}

TEST_CASE("templates come all at once, or in pages when pages are asked for") {
  Fixture f;
  Keys made;
  for (int i = 0; i < 5; ++i) made.push_back(f.made("t" + std::to_string(i)));
  CHECK(f.with_key(f.key, "GET", "/v1/templates").body["templates"].size() == 5);
  Keys seen;
  std::string token;
  int pages = 0;
  do {
    const auto page = f.with_key(f.key, "GET",
                                 "/v1/templates?page_size=2" + (token.empty() ? "" : "&page_token=" + token));
    REQUIRE(page.status == 200);
    CHECK(page.body["total_count"] == 5);
    for (const auto& row : page.body["templates"]) seen.push_back(row["id"]);
    token = page.body.value("next_page_token", "");
  } while (!token.empty() && ++pages < 9);
  std::reverse(made.begin(), made.end());
  CHECK(seen == made);
  CHECK(f.with_key(f.key, "GET", "/v1/templates?page_token=x").code() == "INVALID_PAGE_TOKEN");
}

TEST_CASE("a template request that is wrong says what") {
  Fixture f;
  CHECK(f.make({{"content", "x"}}).details() == "Field 'name' is required");
  CHECK(f.make({{"name", "x"}}).details() == "Field 'content' is required");
  CHECK(f.make({{"name", "x"}, {"content", ""}}).code() == "INVALID_REQUEST");
  CHECK(f.make({{"name", 1}, {"content", "x"}}).code() == "INVALID_REQUEST");
  CHECK(f.make({{"name", std::string(101, 'x')}, {"content", "x"}}).code() == "INVALID_REQUEST");
  for (const char* type : {"audio", "location", "contact", "sticker", ""}) {
    CHECK(f.make({{"name", "x"}, {"content", "x"}, {"message_type", type}}).code() == "INVALID_MESSAGE_TYPE");
  }
  const std::string id = f.made("x");
  CHECK(f.put(id, Json::object()).code() == "INVALID_REQUEST");
  CHECK(f.put(id, {{"name", ""}}).code() == "INVALID_REQUEST");
  CHECK(f.put(id, {{"content", ""}}).code() == "INVALID_REQUEST");
  CHECK(f.put(id, {{"message_type", "audio"}}).code() == "INVALID_MESSAGE_TYPE");
  CHECK(f.show(id).body["content"] == "x");
}

TEST_CASE("a template has at most 16 KiB and 50 placeholders") {
  Fixture f;
  const auto code = [&](const std::string& content) { return f.make({{"name", "x"}, {"content", content}}).code(); };
  CHECK(code(std::string(16 * 1024, 'x')) == "");
  CHECK(code(std::string(16 * 1024 + 1, 'x')) == "INVALID_REQUEST");
  std::string many;
  for (int i = 0; i < 50; ++i) many += "{{p" + std::to_string(i) + "}}";
  CHECK(code(many + "{{p0}}") == "");
  CHECK(code(many + "{{p50}}") == "INVALID_REQUEST");
  const std::string id = f.made("x");
  CHECK(f.put(id, {{"content", many + "{{p50}}"}}).code() == "INVALID_REQUEST");
}

TEST_CASE("a template is rendered when the message is accepted, and what happens to it then changes nothing") {
  Fixture f;
  const std::string id = f.made("Halo {{name}}, pesanan {{ no }} lunas: {{paid}}");
  const auto accepted = f.send(id, {{"name", "Budi"}, {"no", 771}, {"paid", true}});
  const Json before = f.shown_message(accepted);
  CHECK(before["content"] == "Halo Budi, pesanan 771 lunas: true");
  CHECK(before["template_id"] == id);
  f.put(id, {{"content", "lain"}});
  CHECK(f.shown_message(accepted) == before);
  f.erase(id);
  CHECK(f.shown_message(accepted) == before);
  CHECK(f.send(id, Json::object()).code() == "TEMPLATE_NOT_FOUND");
}

TEST_CASE("all values that are missing are named at once") {
  Fixture f;
  const std::string id = f.made("{{a}} {{b}} {{c}} {{a}}");
  const auto refused = f.send(id, {{"b", "1"}, {"c", nullptr}});
  CHECK(refused.status == 400);
  CHECK(refused.code() == "MISSING_PLACEHOLDER");
  CHECK(refused.details() == "placeholder_values lacks a, c");
  CHECK(f.send(id, nullptr).details() == "placeholder_values lacks a, b, c");
  CHECK(f.send(id, {{"a", Json::array()}}).code() == "INVALID_REQUEST");
  CHECK(f.send(id, Json::array()).code() == "INVALID_REQUEST");
  CHECK(f.with_key(f.key, "GET", "/v1/messages").body["total_count"] == 0);
}

TEST_CASE("a value is never expanded again, also not by a second template") {
  Fixture f;
  const std::string id = f.made("{{{a}}} {{b}}");
  const Json message = f.shown_message(f.send(id, {{"a", "{{b}}"}, {"b", "{{a}}{{{"}}));
  CHECK(message["content"] == "{{{b}}} {{a}}{{{");
}

TEST_CASE("a template is for one type") {
  Fixture f;
  const std::string text = f.made("x"), image = f.made("Struk {{no}}", "image");
  const Json media = {{"message_type", "image"}, {"media_url", "https://toko.example/a.jpg"}};
  CHECK(f.send(text, nullptr, media).code() == "TEMPLATE_TYPE_MISMATCH");
  CHECK(f.send(image, {{"no", 1}}).code() == "TEMPLATE_TYPE_MISMATCH");
  const Json shown = f.shown_message(f.send(image, {{"no", 1}}, media));
  CHECK(shown["caption"] == "Struk 1");
  CHECK_FALSE(shown.contains("content"));
}

TEST_CASE("what is rendered is neither empty nor longer than a message may be") {
  Fixture f;
  const std::string id = f.made("{{a}}{{b}}");
  CHECK(f.send(id, {{"a", ""}, {"b", ""}}).code() == "INVALID_REQUEST");
  const std::string half(32'768, 'x');
  CHECK(f.send(id, {{"a", half}, {"b", half}}).status == 202);
  CHECK(f.send(id, {{"a", half}, {"b", half + "x"}}).code() == "INVALID_REQUEST");
}

TEST_CASE("a template of another tenant is not there") {
  Fixture f;
  const std::string id = f.made("rahasia");
  const std::string other = f.new_token(R"({"name":"o","tenant":"warung"})");
  const std::string target = "/v1/templates/" + id;
  CHECK(f.with_key(other, "GET", target).code() == "TEMPLATE_NOT_FOUND");
  CHECK(f.with_key(other, "PUT", target, R"({"name":"x"})").code() == "TEMPLATE_NOT_FOUND");
  CHECK(f.with_key(other, "DELETE", target).code() == "TEMPLATE_NOT_FOUND");
  CHECK(f.with_key(other, "GET", "/v1/templates").body["templates"].empty());
  Json body = Json::parse(test::message_body(f.new_session(other)));
  body["template_id"] = id;
  CHECK(f.with_key(other, "POST", "/v1/messages", body.dump()).code() == "TEMPLATE_NOT_FOUND");
  CHECK(f.show(id).status == 200);
  // An admin sees the template, but the session of one tenant does not send what is another's.
  CHECK(f.admin("POST", "/v1/messages", body.dump()).code() == "TEMPLATE_NOT_FOUND");
}

TEST_CASE("a template is made once for one Idempotency-Key") {
  Fixture f;
  const auto make = [&](const std::string& body) {
    return f.ask({"POST", "/v1/templates", body, f.key, false, {{"idempotency-key", "t-1"}}});
  };
  const auto first = make(R"({"name":"a","content":"x"})");
  REQUIRE(first.status == 201);
  const auto again = make(R"({"name":"a","content":"x"})");
  CHECK(again.raw == first.raw);
  CHECK(again.headers.at("Idempotent-Replayed") == "true");
  CHECK(make(R"({"name":"a","content":"y"})").code() == "IDEMPOTENCY_KEY_REUSED");
  CHECK(f.with_key(f.key, "GET", "/v1/templates").body["templates"].size() == 1);
  // A key names a request of one route.
  const auto sent = f.ask({"POST", "/v1/messages", test::message_body(f.session), f.key, false,
                           {{"idempotency-key", "t-1"}}});
  CHECK(sent.status == 409);
}

TEST_CASE("a message from a template is sent once for one Idempotency-Key, though the template is gone") {
  Fixture f;
  const std::string id = f.made("Halo");
  Json body = Json::parse(test::message_body(f.session));
  body["template_id"] = id;
  const auto send = [&] {
    return f.ask({"POST", "/v1/messages", body.dump(), f.key, false, {{"idempotency-key", "m-1"}}});
  };
  const auto first = send();
  CHECK(first.status == 202);
  f.erase(id);
  CHECK(send().raw == first.raw);
}

TEST_CASE("templates have scopes of their own") {
  Fixture f;
  const std::string id = f.made("x");
  const std::string reader = f.new_token(R"({"name":"r","scopes":["templates:read"]})");
  CHECK(f.with_key(reader, "GET", "/v1/templates/" + id).status == 200);
  CHECK(f.with_key(reader, "PUT", "/v1/templates/" + id, R"({"name":"y"})").details() == "scope templates:write");
  CHECK(f.with_key(reader, "DELETE", "/v1/templates/" + id).code() == "FORBIDDEN");
  CHECK(f.with_key(reader, "POST", "/v1/templates", "{}").code() == "FORBIDDEN");
  const std::string sender = f.new_token(R"({"name":"s","scopes":["messages:send"]})");
  CHECK(f.with_key(sender, "GET", "/v1/templates").code() == "FORBIDDEN");
}
