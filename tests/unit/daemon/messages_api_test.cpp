#include "daemon/store/messages.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using test::message_body;
using Keys = std::vector<std::string>;
using store::SessionStatus;

namespace {

struct Fixture : ApiFixture {
  explicit Fixture(std::int64_t queue_max = 100'000) : ApiFixture(queue_max) {}
  const std::string key = new_token(R"({"name":"k"})");
  const std::string session = new_session(key);

  test::Answer send(const Json& more = Json::object()) {
    Json body = Json::parse(message_body(session));
    body.update(more);
    return with_key(key, "POST", "/v1/messages", body.dump());
  }
  test::Answer send_with(const std::string& idempotency_key, const std::string& body) {
    return ask({"POST", "/v1/messages", body, key, false, {{"idempotency-key", idempotency_key}}});
  }
  test::Answer list(const std::string& query = {}) { return with_key(key, "GET", "/v1/messages" + query); }
  std::int64_t count() { return list().body["total_count"]; }
};

}  // namespace

TEST_CASE("an accepted message answers with exactly the documented keys") {
  Fixture f;
  const auto accepted = f.send();
  CHECK(accepted.status == 202);
  CHECK(accepted.keys() == Keys{"message_id", "status", "queued_at"});
  CHECK(accepted.body["status"] == "QUEUED");
  CHECK(accepted.body["queued_at"] == to_rfc3339(f.loop.now()));
  const std::string id = accepted.body["message_id"];
  CHECK(id.starts_with("msg_"));

  const auto row = store::messages::find(f.store.db, id);
  REQUIRE(row);
  CHECK(row->chat_id == "6281234567890@s.whatsapp.net");
  CHECK(row->wa_message_id.size() == 22);
  CHECK(row->wa_message_id.starts_with("3EB0"));
  CHECK(row->wa_message_id.find_first_not_of("0123456789ABCDEF") == std::string::npos);
  CHECK(row->expires_at == f.loop.now() + hours(24));
}

TEST_CASE("a message is shown with the documented keys, in their order") {
  Fixture f;
  const Json more = {{"client_reference", "order-771"}, {"recipient", "0812-3456-7890"}};
  const std::string id = f.send(more).body["message_id"];
  const auto shown = f.with_key(f.key, "GET", "/v1/messages/" + id);
  REQUIRE(shown.status == 200);
  const Keys keys = shown.keys();
  CHECK(Keys(keys.begin(), keys.begin() + 8) == Keys{"id", "session_id", "recipient", "message_type", "content",
                                                     "status", "direction", "created_at"});
  CHECK(shown.body["recipient"] == "6281234567890");
  CHECK(shown.body["direction"] == "OUTBOUND");
  CHECK(shown.body["client_reference"] == "order-771");
  CHECK(f.with_key(f.key, "GET", "/v1/messages/msg_none").code() == "MESSAGE_NOT_FOUND");
}

TEST_CASE("a message request that is wrong says what") {
  Fixture f;
  for (const char* field : {"session_id", "recipient", "message_type", "content"}) {
    Json body = Json::parse(message_body(f.session));
    body.erase(field);
    const auto refused = f.with_key(f.key, "POST", "/v1/messages", body.dump());
    CHECK(refused.code() == "INVALID_REQUEST");
    CHECK(refused.details() == std::string("Field '") + field + "' is required");
  }
  CHECK(f.send({{"session_id", "ses_none"}}).code() == "SESSION_NOT_FOUND");
  CHECK(f.send({{"recipient", "pelanggan"}}).code() == "INVALID_RECIPIENT");
  CHECK(f.send({{"recipient", 6281234567890}}).code() == "INVALID_REQUEST");
  CHECK(f.send({{"message_type", "sticker"}}).code() == "INVALID_MESSAGE_TYPE");
  CHECK(f.send({{"expires_in", "soon"}}).code() == "INVALID_REQUEST");
  CHECK(f.send({{"expires_in", "0"}}).code() == "INVALID_REQUEST");
  CHECK(f.send({{"client_reference", std::string(256, 'x')}}).code() == "INVALID_REQUEST");
  CHECK(f.count() == 0);
}

TEST_CASE("each type asks for what it needs") {
  Fixture f;
  const std::pair<const char*, const char*> needs[] = {
      {"image", "media_url"}, {"video", "media_url"}, {"audio", "media_url"},
      {"document", "media_url"}, {"location", "latitude"}, {"contact", "vcard_data"}};
  for (const auto& [type, field] : needs) {
    const auto refused = f.send({{"message_type", type}});
    CHECK(refused.code() == "INVALID_REQUEST");
    CHECK(refused.details() == fmt::format("Field '{}' is required", field));
  }
  CHECK(f.send({{"message_type", "image"}, {"media_url", "file:///etc/passwd"}}).code() == "INVALID_MEDIA_URL");
  CHECK(f.send({{"message_type", "contact"}, {"vcard_data", "Toko"}}).code() == "INVALID_REQUEST");
  CHECK(f.send({{"message_type", "location"}, {"latitude", 91}, {"longitude", 0}}).code() == "INVALID_REQUEST");
  CHECK(f.send({{"message_type", "location"}, {"latitude", "6"}, {"longitude", 0}}).code() == "INVALID_REQUEST");
  CHECK(f.send({{"reply_to", "x"}}).code() == "INVALID_REQUEST");
  CHECK(f.count() == 0);
}

TEST_CASE("what a type has beside its content is shown as it was given") {
  Fixture f;
  const std::string vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Toko\nEND:VCARD";
  const Json kinds[] = {
      {{"message_type", "image"}, {"media_url", "https://toko.example/a.jpg"}, {"caption", "Struk"}},
      {{"message_type", "document"}, {"media_url", "https://toko.example/a.pdf"}, {"filename", "a.pdf"}},
      {{"message_type", "location"}, {"latitude", -6.2}, {"longitude", 106.816666}},
      {{"message_type", "contact"}, {"vcard_data", vcard}}};
  for (const Json& kind : kinds) {
    const auto accepted = f.send(kind);
    INFO(accepted.raw);
    REQUIRE(accepted.status == 202);
    const auto shown = f.with_key(f.key, "GET", "/v1/messages/" + accepted.body["message_id"].get<std::string>());
    for (const auto& [name, value] : kind.items()) CHECK(shown.body[name] == value);
  }
}

TEST_CASE("a text has at most 65,536 bytes") {
  Fixture f;
  CHECK(f.send({{"content", std::string(65'536, 'x')}}).status == 202);
  CHECK(f.send({{"content", std::string(65'537, 'x')}}).code() == "INVALID_REQUEST");
}

TEST_CASE("a message expires when it says so") {
  Fixture f;
  const std::string id = f.send({{"expires_in", "30m"}}).body["message_id"];
  CHECK(store::messages::find(f.store.db, id)->expires_at == f.loop.now() + minutes(30));
}

TEST_CASE("a session that may come back takes messages, one that is over does not") {
  Fixture f;
  using enum SessionStatus;
  for (const SessionStatus status :
       {CONNECTING, WAITING_QR, PASSKEY_REQUIRED, CONNECTED, DISCONNECTED, CLIENT_OUTDATED, FAILED}) {
    f.set_status(f.session, status, "x");
    CHECK(f.send().status == 202);
  }
  for (const SessionStatus status : {LOGGED_OUT, BANNED}) {
    f.set_status(f.session, status);
    const auto refused = f.send();
    CHECK(refused.status == 409);
    CHECK(refused.code() == "SESSION_NOT_ACTIVE");
    CHECK(refused.details().find("/reset") != std::string::npos);
  }
}

TEST_CASE("a queue has an end") {
  Fixture f(3);
  for (int i = 0; i < 3; ++i) CHECK(f.send().status == 202);
  const auto refused = f.send();
  CHECK(refused.status == 429);
  CHECK(refused.code() == "QUEUE_FULL");
  CHECK(refused.headers.contains("Retry-After"));
  CHECK(f.count() == 3);
}

TEST_CASE("a request with a key is carried out once") {
  Fixture f;
  const std::string body = message_body(f.session);
  const auto first = f.send_with("order-771", body);
  CHECK_FALSE(first.headers.contains("Idempotent-Replayed"));
  const auto again = f.send_with("order-771", body);
  CHECK(again.status == 202);
  CHECK(again.raw == first.raw);
  CHECK(again.headers.at("Idempotent-Replayed") == "true");
  CHECK(f.count() == 1);
  const auto other = f.send_with("order-771", message_body(f.session, "6280000000001"));
  CHECK(other.status == 409);
  CHECK(other.code() == "IDEMPOTENCY_KEY_REUSED");
  CHECK(f.send_with("order-772", body).status == 202);
  CHECK(f.count() == 2);
}

TEST_CASE("the first answer stands, though the session has gone offline for good") {
  Fixture f;
  const std::string body = message_body(f.session);
  const auto first = f.send_with("k", body);
  f.set_status(f.session, SessionStatus::LOGGED_OUT);
  CHECK(f.send_with("k", body).raw == first.raw);
}

TEST_CASE("a key is forgotten after a day, and is each tenant's own") {
  Fixture f;
  const std::string body = message_body(f.session);
  f.send_with("k", body);
  f.loop.advance(hours(24) + seconds(1));
  CHECK_FALSE(f.send_with("k", body).headers.contains("Idempotent-Replayed"));
  CHECK(f.count() == 2);

  const std::string other = f.new_token(R"({"name":"o","tenant":"warung"})");
  const std::string theirs = f.new_session(other);
  const auto answer = f.ask({"POST", "/v1/messages", message_body(theirs), other, false, {{"idempotency-key", "k"}}});
  CHECK(answer.status == 202);
  CHECK_FALSE(answer.headers.contains("Idempotent-Replayed"));
}

TEST_CASE("a key is visible ASCII, at most 255 characters") {
  Fixture f;
  CHECK(f.send_with(std::string(255, 'x'), message_body(f.session)).status == 202);
  CHECK(f.send_with(std::string(256, 'x'), message_body(f.session)).code() == "INVALID_REQUEST");
  CHECK(f.send_with("a b", message_body(f.session)).code() == "INVALID_REQUEST");
}

TEST_CASE("a message is accepted only once it is durable") {
  Fixture f;
  f.store.writer.refusals = 1;
  CHECK(f.send().code() == "STORAGE_UNAVAILABLE");
  CHECK(f.count() == 0);
  CHECK(f.send().status == 202);
}

TEST_CASE("pages follow each other from the newest to the oldest, and the last has no token") {
  Fixture f;
  Keys sent;
  for (int i = 0; i < 5; ++i) {
    sent.push_back(f.send().body["message_id"]);
    f.loop.advance(seconds(1));
  }
  Keys seen;
  std::string token;
  int pages = 0;
  do {
    const auto page = f.list("?page_size=2" + (token.empty() ? "" : "&page_token=" + token));
    REQUIRE(page.status == 200);
    CHECK(page.body["total_count"] == 5);
    for (const auto& message : page.body["messages"]) seen.push_back(message["id"]);
    token = page.body.value("next_page_token", "");
    ++pages;
    f.send();   // what comes while paging does not shift the pages
    f.store.db.execute("DELETE FROM messages WHERE sequence > 5");
  } while (!token.empty() && pages < 9);
  CHECK(pages == 3);
  std::reverse(sent.begin(), sent.end());
  CHECK(seen == sent);
}

TEST_CASE("the list is filtered by session, direction, type and date") {
  Fixture f;
  f.send();
  const std::string other = f.new_session(f.key, "other");
  f.with_key(f.key, "POST", "/v1/messages", message_body(other));
  const auto count = [&](const std::string& query) { return f.list(query).body["total_count"].get<int>(); };
  CHECK(count("") == 2);
  CHECK(count("?session_id=" + other) == 1);
  CHECK(count("?direction=sent") == 2);
  CHECK(count("?direction=received") == 0);
  CHECK(count("?type=text") == 2);
  CHECK(count("?type=image") == 0);
  CHECK(count("?start_date=2026-03-10") == 2);
  CHECK(count("?end_date=2026-03-09") == 0);
  CHECK(f.list("?page_size=0").code() == "INVALID_REQUEST");
  CHECK(f.list("?page_token=eyJwYWdlIjoy").code() == "INVALID_PAGE_TOKEN");
  CHECK(f.list("?direction=up").code() == "INVALID_REQUEST");
  CHECK(f.list("?start_date=soon").code() == "INVALID_DATE");
  CHECK(f.list().keys() == Keys{"messages", "total_count"});
}
