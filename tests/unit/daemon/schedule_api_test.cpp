// What waits: for its time, for its session, for its end; and how much may.
#include "daemon/store/messages.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;
using store::MessageState;

namespace {

struct Fixture : ApiFixture {
  explicit Fixture(GatewayOptions options = {}) : ApiFixture(std::move(options)) {
    sessions.start();   // which looks for what is due
    loop.run_until_idle();
  }
  std::string key = new_token(R"({"name":"k"})");
  std::string session = new_session(key);

  test::Answer send(const Json& more = Json::object()) {
    Json body = Json::parse(test::message_body(session));
    body.update(more);
    return with_key(key, "POST", "/v1/messages", body.dump());
  }
  std::string sent_id(const Json& more = Json::object()) {
    const auto answer = send(more);
    INFO(answer.raw);
    REQUIRE(answer.status == 202);
    return answer.body["message_id"];
  }
  test::Answer cancel(const std::string& id) { return with_key(key, "DELETE", "/v1/messages/" + id + "?revoke=false"); }
  Json show(const std::string& id) { return with_key(key, "GET", "/v1/messages/" + id).body; }
  std::string in(Duration wait) const { return to_rfc3339(loop.now() + wait); }
  int events(const std::string& type) {
    return static_cast<int>(store.db.integer("SELECT count(*) FROM events WHERE event_type = ?", {type}).value_or(0));
  }
};

}  // namespace

TEST_CASE("a message for later is SCHEDULED, and queued when its time has come") {
  Fixture f;
  const Time at = f.loop.now() + hours(2);
  const auto accepted = f.send({{"send_at", to_rfc3339(at)}, {"expires_in", "30m"}});
  CHECK(accepted.status == 202);
  CHECK(accepted.keys() == Keys{"message_id", "status", "queued_at", "scheduled_at"});
  CHECK(accepted.body["status"] == "SCHEDULED");
  CHECK(accepted.body["queued_at"] == to_rfc3339(f.loop.now()));
  CHECK(accepted.body["scheduled_at"] == to_rfc3339(at));
  const std::string id = accepted.body["message_id"];
  CHECK(f.show(id)["expires_at"] == to_rfc3339(at + minutes(30)));

  f.loop.advance(hours(2) - seconds(1));
  CHECK(f.show(id)["status"] == "SCHEDULED");
  f.loop.advance(seconds(1));
  CHECK(f.show(id)["status"] == "QUEUED");
  CHECK(f.show(id)["scheduled_at"] == to_rfc3339(at));
}

TEST_CASE("messages are released in the order of their times, also those that were scheduled last") {
  Fixture f;
  const std::string late = f.sent_id({{"send_at", f.in(hours(3))}});
  const std::string soon = f.sent_id({{"send_at", f.in(seconds(5))}});
  f.loop.advance(seconds(5));
  CHECK(f.show(soon)["status"] == "QUEUED");
  CHECK(f.show(late)["status"] == "SCHEDULED");
  f.loop.advance(hours(3));
  CHECK(f.show(late)["status"] == "QUEUED");
}

TEST_CASE("a time in any zone is meant as it says") {
  Fixture f;
  // The clock begins at 2026-03-10T10:10:00Z.
  const auto accepted = f.send({{"send_at", "2026-03-10T17:30:00+07:00"}});
  CHECK(accepted.body["scheduled_at"] == "2026-03-10T10:30:00Z");
}

TEST_CASE("a time that has passed means now") {
  Fixture f;
  for (const Duration ago : {Duration(0), Duration(seconds(1)), Duration(hours(48))}) {
    const auto accepted = f.send({{"send_at", f.in(-ago)}});
    CHECK(accepted.body["status"] == "QUEUED");
    CHECK(accepted.keys() == Keys{"message_id", "status", "queued_at"});
    CHECK(f.show(accepted.body["message_id"])["expires_at"] == f.in(hours(24)));
  }
  CHECK(f.send({{"send_at", nullptr}}).body["status"] == "QUEUED");
}

TEST_CASE("a time that is none, or far away, is refused") {
  Fixture f;
  for (const char* text : {"soon", "2026-03-10", "2026-03-10T10:30:00", "2026-13-10T10:30:00Z", "2026-02-30T10:30:00Z",
                           "2026-03-10T25:30:00Z", "1773137400", "2036-03-10T10:30:00Z", "9999-12-31T23:59:59Z"}) {
    INFO(text);
    CHECK(f.send({{"send_at", text}}).code() == "INVALID_DATE");
  }
  CHECK(f.send({{"send_at", 1773137400}}).code() == "INVALID_REQUEST");
  CHECK(f.with_key(f.key, "GET", "/v1/messages").body["total_count"] == 0);
}

TEST_CASE("what waits can be cancelled, twice as well as once") {
  Fixture f;
  const Keys waiting = {f.sent_id(), f.sent_id({{"send_at", f.in(hours(1))}})};
  for (const std::string& id : waiting) {
    const auto cancelled = f.cancel(id);
    CHECK(cancelled.status == 200);
    CHECK(cancelled.keys() == Keys{"message", "id", "status"});
    CHECK(cancelled.body["message"] == "Message cancelled successfully");
    CHECK(cancelled.body["status"] == "CANCELLED");
    CHECK(f.show(id)["cancelled_at"] == to_rfc3339(f.loop.now()));
    const auto again = f.cancel(id);
    CHECK(again.status == 200);
    CHECK(again.raw == cancelled.raw);
  }
  CHECK(f.events("message.cancelled") == 2);
  f.loop.advance(hours(25));
  for (const std::string& id : waiting) CHECK(f.show(id)["status"] == "CANCELLED");
  CHECK(f.events("message.failed") == 0);
}

TEST_CASE("what was sent, or is over, is not cancelled") {
  Fixture f;
  using enum MessageState;
  for (const MessageState state : {SENDING, SENT, DELIVERED, READ, FAILED, EXPIRED}) {
    const std::string id = f.sent_id();
    f.store.db.execute("UPDATE messages SET state = ? WHERE id = ?", {store::to_string(state), id});
    INFO(f.show(id).dump());
    CHECK(f.show(id)["status"] == std::string(store::to_string(state)));
    const auto refused = f.cancel(id);
    CHECK(refused.status == 409);
    CHECK(refused.code() == "MESSAGE_ALREADY_SENT");
    CHECK(refused.details() == store::to_string(state));
  }
  CHECK(f.cancel("msg_none").code() == "MESSAGE_NOT_FOUND");
}

TEST_CASE("who may not see or send a message does not cancel it") {
  Fixture f;
  const std::string id = f.sent_id();
  const std::string stranger = f.new_token(R"({"name":"s","tenant":"warung"})");
  CHECK(f.with_key(stranger, "DELETE", "/v1/messages/" + id).code() == "MESSAGE_NOT_FOUND");
  const std::string reader = f.new_token(R"({"name":"r","scopes":["messages:read"]})");
  CHECK(f.with_key(reader, "DELETE", "/v1/messages/" + id).code() == "FORBIDDEN");
  const std::string elsewhere = f.new_token(R"({"name":"e","sessions":["ses_other"]})");
  CHECK(f.with_key(elsewhere, "DELETE", "/v1/messages/" + id).code() == "SESSION_NOT_ALLOWED");
  CHECK(f.show(id)["status"] == "QUEUED");
}

TEST_CASE("a message expires while its session is offline, and somebody hears of it") {
  Fixture f;
  const std::string id = f.sent_id({{"expires_in", "2m"}}), other = f.sent_id({{"expires_in", "1h"}});
  f.loop.advance(minutes(2) - seconds(1));
  CHECK(f.show(id)["status"] == "QUEUED");
  f.loop.advance(minutes(1));
  const Json expired = f.show(id);
  CHECK(expired["status"] == "EXPIRED");
  CHECK(expired["error"]["code"] == "EXPIRED");
  CHECK(f.events("message.failed") == 1);
  CHECK(f.show(other)["status"] == "QUEUED");
  CHECK(f.cancel(id).code() == "MESSAGE_ALREADY_SENT");
}

TEST_CASE("a message that expires soon does so when it says, though others wait longer") {
  Fixture f;
  const std::string other = f.sent_id({{"expires_in", "1h"}}), id = f.sent_id({{"expires_in", "5s"}});
  f.loop.advance(seconds(5));
  CHECK(f.show(id)["status"] == "EXPIRED");
  CHECK(f.show(other)["status"] == "QUEUED");
}

TEST_CASE("a scheduled message does not expire before its time") {
  Fixture f;
  const std::string id = f.sent_id({{"send_at", f.in(hours(48))}, {"expires_in", "5m"}});
  f.loop.advance(hours(47));
  CHECK(f.show(id)["status"] == "SCHEDULED");
  f.loop.advance(hours(1) + minutes(7));
  CHECK(f.show(id)["status"] == "EXPIRED");
}

TEST_CASE("what is due while the disk takes nothing is done when it does") {
  Fixture f;
  const std::string id = f.sent_id({{"send_at", f.in(seconds(10))}});
  f.store.writer.refusals = 1'000'000;
  f.loop.advance(seconds(30));
  CHECK(f.show(id)["status"] == "SCHEDULED");
  f.store.writer.refusals = 0;
  f.loop.advance(seconds(6));
  CHECK(f.show(id)["status"] == "QUEUED");
}

TEST_CASE("scheduled messages count for the queue of the session, until they are cancelled") {
  GatewayOptions options;
  options.queue_max = 2;
  Fixture f(options);
  const std::string id = f.sent_id({{"send_at", f.in(hours(1))}});
  CHECK(f.send().status == 202);
  const auto refused = f.send();
  CHECK(refused.status == 429);
  CHECK(refused.code() == "QUEUE_FULL");
  CHECK(refused.headers.contains("Retry-After"));
  CHECK(f.send({{"send_at", f.in(hours(1))}}).code() == "QUEUE_FULL");
  CHECK(f.cancel(id).status == 200);
  f.loop.advance(seconds(2));
  CHECK(f.send().status == 202);
}

TEST_CASE("the sessions of a tenant share a queue, another tenant has its own") {
  GatewayOptions options;
  options.queue_max_tenant = 2;
  Fixture f(options);
  const std::string second = f.new_session(f.key, "second");
  CHECK(f.send().status == 202);
  CHECK(f.with_key(f.key, "POST", "/v1/messages", test::message_body(second)).status == 202);
  const auto refused = f.send();
  CHECK(refused.code() == "QUEUE_FULL");
  CHECK(refused.details().find("of the tenant") != std::string::npos);
  const std::string other = f.new_token(R"({"name":"o","tenant":"warung"})");
  const std::string theirs = f.new_session(other);
  CHECK(f.with_key(other, "POST", "/v1/messages", test::message_body(theirs)).status == 202);
  f.store.db.execute("DELETE FROM messages");
  f.loop.advance(seconds(2));
  CHECK(f.send().status == 202);
}

TEST_CASE("what a full queue refuses leaves no trace: the same key works later") {
  GatewayOptions options;
  options.queue_max = 1;
  Fixture f(options);
  const std::string first = f.sent_id();
  const auto send = [&] {
    return f.ask({"POST", "/v1/messages", test::message_body(f.session), f.key, false, {{"idempotency-key", "k"}}});
  };
  CHECK(send().code() == "QUEUE_FULL");
  f.cancel(first);
  f.loop.advance(seconds(2));
  const auto accepted = send();
  CHECK(accepted.status == 202);
  CHECK_FALSE(accepted.headers.contains("Idempotent-Replayed"));
}

TEST_CASE("a daemon that queues nothing takes messages of connected sessions only") {
  GatewayOptions options;
  options.queue_when_offline = false;
  Fixture f(options);
  const auto refused = f.send();
  CHECK(refused.status == 409);
  CHECK(refused.code() == "SESSION_NOT_ACTIVE");
  CHECK(refused.body["error"]["message"] == "the session is not connected");
  CHECK(refused.details().find("/connect") != std::string::npos);
  CHECK(refused.details().find("queue-when-offline") != std::string::npos);
  f.set_status(f.session, store::SessionStatus::CONNECTED);
  CHECK(f.send().status == 202);
}
