#include "daemon/events/webhook_dispatcher.h"

#include "common/webhook_signature.h"
#include "daemon/events/event_log.h"
#include "daemon/store/webhooks.h"
#include "tests/support/fake_web_client.h"
#include "tests/support/manual_loop.h"
#include "tests/support/memory_store.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/store/rows.h"

namespace konekwa::events {
namespace {

using store::DeliveryState;
using test::FakeWebClient;

struct World : test::MemoryStore {
  explicit World(WebhookOptions wanted = {}) : options(std::move(wanted)) {
    store::sessions::insert(db, test::session_row("ses_a"));
    options.jitter = 0;
  }

  void start() {
    dispatcher.emplace(loop, random, writer, readers, web, options);
    dispatcher->start();
    loop.run_until_idle();
  }

  // An event and its delivery, made durable as the daemon does it.
  void add(const std::string& id, const std::string& lane, const std::string& url = "https://example.com/hook",
           std::optional<Time> expires_at = std::nullopt) {
    store::WriteBatch batch;
    batch.run([=, now = loop.now()](store::Database& d) {
      test::add_delivery(d, id, lane, now, url);
      d.execute("UPDATE deliveries SET expires_at = ? WHERE id = ?", {expires_at, id});
      d.signal(kTopic);
    });
    writer.commit(std::move(batch), [](const Result<>& done) { REQUIRE(done); });
  }

  store::DeliveryRow get(const std::string& id) {
    for (const auto& row : store::deliveries::list_of_session(db, "ses_a")) {
      if (row.id == id) return row;
    }
    FAIL("no delivery " << id);
    return {};
  }

  std::vector<std::string> sent() const {
    std::vector<std::string> out;
    for (const auto& request : web.requests) out.push_back(header(request, "webhook-id").substr(4));
    return out;
  }

  static std::string header(const net::WebRequest& request, const std::string& name) {
    for (const auto& [key, value] : request.headers) {
      if (key == name) return value;
    }
    return "";
  }

  WebhookOptions options;
  test::ManualLoop loop;
  test::SeededRandom random{3};
  FakeWebClient web{loop};
  std::optional<WebhookDispatcher> dispatcher;
};

using Ids = std::vector<std::string>;

TEST_CASE("a delivery is posted as it is documented, and done on 2xx") {
  World world;
  world.web.script = {FakeWebClient::status(204)};
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();

  REQUIRE(world.web.requests.size() == 1);
  const net::WebRequest& request = world.web.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.url == "https://example.com/hook");
  CHECK(request.body == "{\"id\":\"evt_wh_1\"}");
  CHECK_FALSE(request.follow_redirects);
  CHECK(request.timeout == seconds(15));
  std::vector<std::string> names;
  for (const auto& [name, value] : request.headers) names.push_back(name);
  CHECK(names == Ids{"Content-Type", "User-Agent", "webhook-id", "webhook-timestamp", "webhook-signature",
                     "X-Konekwa-Event", "X-Konekwa-Attempt"});
  CHECK(World::header(request, "Content-Type") == "application/json");
  CHECK(World::header(request, "User-Agent") == "konekwad/" KONEKWA_VERSION);
  CHECK(World::header(request, "webhook-id") == "evt_wh_1");
  CHECK(World::header(request, "X-Konekwa-Event") == "message.received");
  CHECK(World::header(request, "X-Konekwa-Attempt") == "1");
  const auto timestamp = unix_seconds(world.loop.now());
  CHECK(World::header(request, "webhook-timestamp") == std::to_string(timestamp));
  CHECK(World::header(request, "webhook-signature") ==
        webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "evt_wh_1", timestamp, request.body));

  CHECK(world.get("wh_1").state == DeliveryState::DELIVERED);
  CHECK(world.get("wh_1").attempts == 1);
  CHECK(world.get("wh_1").http_status == 204);
  CHECK_FALSE(world.loop.next_timer());
}

TEST_CASE("a chat goes one by one, chats go in parallel") {
  World world;
  world.start();
  for (const auto& [id, lane] : {std::pair("wh_1", "a"), {"wh_2", "a"}, {"wh_3", "b"}}) world.add(id, lane);
  world.loop.run_until_idle();
  CHECK(world.sent() == Ids{"wh_1", "wh_3"});
  world.web.answer(FakeWebClient::status(200));
  world.loop.run_until_idle();
  CHECK(world.sent() == Ids{"wh_1", "wh_3", "wh_2"});
}

TEST_CASE("the result is durable before the next of the lane goes") {
  World world;
  world.start();
  world.add("wh_1", "a");
  world.add("wh_2", "a");
  world.loop.run_until_idle();
  world.writer.refusals = 2;
  world.web.answer(FakeWebClient::status(200));
  world.loop.run_until_idle();
  CHECK(world.sent() == Ids{"wh_1"});
  CHECK(world.get("wh_1").state == DeliveryState::QUEUED);
  world.loop.advance(seconds(5));
  CHECK(world.sent() == Ids{"wh_1"});
  world.loop.advance(seconds(5));   // the writer takes it now
  CHECK(world.get("wh_1").state == DeliveryState::DELIVERED);
  CHECK(world.sent() == Ids{"wh_1", "wh_2"});
}

TEST_CASE("a failure is tried again at the times of the schedule, then it is dead") {
  World world({.retry_schedule = {seconds(0), seconds(5), minutes(5)}});
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(500); };
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  CHECK(world.web.requests.size() == 1);
  CHECK(world.get("wh_1").state == DeliveryState::RETRYING);
  CHECK(world.get("wh_1").error == "HTTP 500");
  world.loop.advance(milliseconds(4'999));
  CHECK(world.web.requests.size() == 1);
  world.loop.advance(milliseconds(1));
  CHECK(world.web.requests.size() == 2);
  CHECK(World::header(world.web.requests[1], "X-Konekwa-Attempt") == "2");
  CHECK(World::header(world.web.requests[1], "webhook-id") == "evt_wh_1");
  world.loop.advance(minutes(5));
  CHECK(world.web.requests.size() == 3);
  CHECK(world.get("wh_1").state == DeliveryState::DEAD);
  CHECK(world.get("wh_1").attempts == 3);
  world.loop.advance(hours(48));
  CHECK(world.web.requests.size() == 3);
  CHECK_FALSE(world.loop.next_timer());
}

TEST_CASE("retries are spread by the jitter and stay inside it") {
  World world({.retry_schedule = {seconds(0), seconds(100)}});
  world.options.jitter = 0.1;
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(500); };
  world.start();
  std::set<Time> times;
  for (int i = 0; i < 20; ++i) world.add("wh_" + std::to_string(i), std::to_string(i));
  world.loop.run_until_idle();
  for (int i = 0; i < 20; ++i) {
    const Time next = world.get("wh_" + std::to_string(i)).next_attempt_at;
    CHECK(next >= world.loop.now() + seconds(90));
    CHECK(next <= world.loop.now() + seconds(110));
    times.insert(next);
  }
  CHECK(times.size() > 15);
}

TEST_CASE("the default schedule is the documented one") {
  World world;
  world.web.responder = [](const net::WebRequest&) {
    return FakeWebClient::Answer(fail(ErrorCode::NETWORK, "Connection refused"));
  };
  world.start();
  const Time start = world.loop.now();
  world.add("wh_1", "a");
  world.loop.advance(seconds(305));
  CHECK(world.get("wh_1").attempts == 3);
  CHECK(world.get("wh_1").last_attempt_at == start + seconds(305));
  CHECK(world.get("wh_1").error == "Connection refused");
  CHECK_FALSE(world.get("wh_1").http_status);
  world.loop.advance(hours(80));
  CHECK(world.get("wh_1").attempts == 10);
  CHECK(world.get("wh_1").state == DeliveryState::DEAD);
}

TEST_CASE("the third failure lets the chat go on") {
  World world;
  world.web.responder = [](const net::WebRequest& request) -> std::optional<FakeWebClient::Answer> {
    return FakeWebClient::status(World::header(request, "webhook-id") == "evt_wh_1" ? 404 : 200);
  };
  world.start();
  world.add("wh_1", "a");
  world.add("wh_2", "a");
  world.loop.advance(seconds(304));
  CHECK(world.sent() == Ids{"wh_1", "wh_1"});
  world.loop.advance(seconds(1));
  CHECK(world.sent() == Ids{"wh_1", "wh_1", "wh_1", "wh_2"});
  CHECK(world.get("wh_1").state == DeliveryState::RETRYING);
  CHECK(world.get("wh_2").state == DeliveryState::DELIVERED);
}

TEST_CASE("410 ends it at once, a redirect is a failure, other statuses are tried again") {
  World world;
  world.web.script = {FakeWebClient::status(410), FakeWebClient::status(302), FakeWebClient::status(404)};
  world.start();
  for (const char* id : {"wh_1", "wh_2", "wh_3"}) world.add(id, id);
  world.loop.run_until_idle();
  CHECK(world.get("wh_1").state == DeliveryState::DEAD);
  CHECK(world.get("wh_1").http_status == 410);
  CHECK(world.get("wh_2").state == DeliveryState::RETRYING);
  CHECK(world.get("wh_2").error == "HTTP 302");
  CHECK(world.get("wh_3").state == DeliveryState::RETRYING);
}

TEST_CASE("Retry-After is honoured up to an hour, and never shortens the wait") {
  World world;
  net::WebResponse busy;
  busy.status = 429;
  for (const Duration wait : {Duration(seconds(60)), Duration(hours(5)), Duration(seconds(1))}) {
    busy.retry_after = wait;
    world.web.script.push_back(busy);
  }
  world.start();
  for (const char* id : {"wh_1", "wh_2", "wh_3"}) world.add(id, id, std::string("https://example.com/") + id);
  world.loop.run_until_idle();
  CHECK(world.get("wh_1").next_attempt_at == world.loop.now() + seconds(60));
  CHECK(world.get("wh_2").next_attempt_at == world.loop.now() + hours(1));
  CHECK(world.get("wh_3").next_attempt_at == world.loop.now() + seconds(5));
}

TEST_CASE("what has expired is not attempted, and what would expire before its retry is given up") {
  World world;
  world.add("wh_1", "a", "https://example.com/hook", world.loop.now());
  world.add("wh_2", "a", "https://example.com/hook", world.loop.now() + seconds(4));
  world.web.script = {FakeWebClient::status(500)};
  world.start();
  CHECK(world.sent() == Ids{"wh_2"});
  CHECK(world.get("wh_1").state == DeliveryState::DEAD);
  CHECK(world.get("wh_1").attempts == 0);
  CHECK(world.get("wh_2").state == DeliveryState::DEAD);
  CHECK(world.get("wh_2").error == "HTTP 500");
  CHECK_FALSE(world.loop.next_timer());
}

TEST_CASE("Retry-After holds back all that goes to the URL") {
  World world;
  net::WebResponse busy;
  busy.status = 503;
  busy.retry_after = seconds(60);
  world.web.script = {busy};
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(200); };
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  world.add("wh_2", "b");
  world.add("wh_3", "c", "https://other.example/");
  world.loop.advance(seconds(59));
  CHECK(world.sent() == Ids{"wh_1", "wh_3"});
  world.loop.advance(seconds(1));
  CHECK(world.get("wh_1").state == DeliveryState::DELIVERED);
  CHECK(world.get("wh_2").state == DeliveryState::DELIVERED);
}

TEST_CASE("a URL gets more at once with each success, up to so many, and the others their own") {
  World world({.retry_schedule = {}, .parallel_max = 5, .parallel_per_url_max = 3});
  for (int i = 0; i < 6; ++i) world.add("slow_" + std::to_string(i), "s" + std::to_string(i), "https://slow");
  for (int i = 0; i < 2; ++i) world.add("fast_" + std::to_string(i), "f" + std::to_string(i), "https://fast");
  world.start();
  CHECK(world.sent() == Ids{"slow_0", "slow_1", "fast_0", "fast_1"});
  world.web.answer(FakeWebClient::status(200));   // to slow_0
  world.loop.run_until_idle();
  CHECK(world.web.requests.size() == 6);
  CHECK(world.sent().back() == "slow_3");
  world.web.answer(FakeWebClient::status(200));   // to slow_1
  world.loop.run_until_idle();
  CHECK(world.sent().back() == "slow_4");
  CHECK(world.web.requests.size() == 7);
}

TEST_CASE("receivers that fail never take more than half of the places") {
  World world({.retry_schedule = {seconds(0), seconds(1), seconds(1)}, .parallel_max = 8});
  for (int i = 0; i < 8; ++i) world.add("bad_" + std::to_string(i), std::to_string(i), "https://" + std::to_string(i));
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(500); };
  world.start();
  world.web.responder = nullptr;   // now they hang
  world.loop.advance(seconds(2));
  CHECK(world.web.held() == 4);
  for (const std::string n : {"1", "2", "3", "4"}) world.add("good_" + n, "g" + n, "https://good" + n);
  world.loop.run_until_idle();
  CHECK(world.web.held() == 8);
}

TEST_CASE("there are never more under way than allowed") {
  World world({.retry_schedule = {}, .parallel_max = 3});
  for (int i = 0; i < 9; ++i) world.add("wh_" + std::to_string(i), std::to_string(i), "https://" + std::to_string(i));
  world.start();
  for (int answered = 0; answered < 9; ++answered) {
    CHECK(world.web.held() == static_cast<std::size_t>(std::min(3, 9 - answered)));
    world.web.answer(FakeWebClient::status(200));
    world.loop.run_until_idle();
  }
  CHECK(world.web.requests.size() == 9);
}

TEST_CASE("a URL that fails on and on is probed every half minute, and catches up at a limited rate") {
  World world({.retry_schedule = {seconds(0)}, .max_rate = 10});   // one attempt each
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(500); };
  for (int i = 0; i < 20; ++i) world.add("dead_" + std::to_string(i), "d" + std::to_string(i));
  world.start();
  REQUIRE(world.web.requests.size() == 20);
  for (int i = 0; i < 30; ++i) world.add("wh_" + std::to_string(i), std::to_string(i));
  world.loop.advance(milliseconds(29'999));
  CHECK(world.web.requests.size() == 20);
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(200); };
  world.loop.advance(milliseconds(1));
  world.loop.advance(seconds(1));
  CHECK(world.web.requests.size() >= 30);
  CHECK(world.web.requests.size() <= 32);
  world.loop.advance(seconds(3));
  CHECK(world.web.requests.size() == 50);
}

TEST_CASE("410 stops the URL until it is set again, and a replay that succeeds starts it again") {
  World world;
  store::sessions::set_webhooks(world.db, "ses_a", "https://example.com/hook", "");
  world.web.script = {FakeWebClient::status(410)};
  world.start();
  world.add("wh_1", "a");
  world.add("wh_2", "a");
  world.loop.run_until_idle();
  CHECK(world.web.requests.size() == 1);
  CHECK(store::webhooks::find(world.db, "ses_a").message_gone_at == world.loop.now());
  CHECK(world.get("wh_2").state == DeliveryState::DEAD);
  CHECK(world.get("wh_2").attempts == 0);
  CHECK(world.get("wh_2").error.find("410") != std::string::npos);

  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(200); };
  store::deliveries::replay(world.db, world.get("wh_2"), "https://example.com/hook", "a", world.loop.now());
  world.add("wh_3", "b", "https://example.com/other");   // another URL is not gone
  world.loop.run_until_idle();
  CHECK(world.get("wh_2").state == DeliveryState::DELIVERED);
  CHECK(world.get("wh_3").state == DeliveryState::DELIVERED);
  CHECK_FALSE(store::webhooks::find(world.db, "ses_a").message_gone_at);
}

TEST_CASE("headers of the session go along, and what the receiver said is kept") {
  World world;
  store::webhooks::put(world.db, "ses_a", {.headers = {{"Authorization", "Bearer x"}}});
  net::WebResponse answer;
  answer.status = 422;
  answer.body = std::string(2'000, 'x') + "\xff";
  world.web.script = {answer};
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  CHECK(World::header(world.web.requests.at(0), "Authorization") == "Bearer x");
  CHECK(world.get("wh_1").response == std::string(1'024, 'x'));
  CHECK(world.get("wh_1").latency == milliseconds(0));
}

TEST_CASE("what was left by the run before is taken up") {
  World world;
  world.add("wh_1", "a");
  world.add("wh_2", "a");
  world.start();
  CHECK(world.sent() == Ids{"wh_1"});

  // Killed while wh_1 is under way: the next run sends it again, in order.
  world.dispatcher.reset();
  world.web.answer(FakeWebClient::status(200));
  world.loop.run_until_idle();
  CHECK(world.get("wh_1").state == DeliveryState::QUEUED);
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(200); };
  world.start();
  CHECK(world.sent() == Ids{"wh_1", "wh_1", "wh_2"});
}

TEST_CASE("a retry that fell due while we were down goes out at the start, a later one in its time") {
  World world;
  world.web.script = {FakeWebClient::status(500), FakeWebClient::status(200)};
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  world.dispatcher->stop();
  world.dispatcher.reset();
  world.loop.advance(seconds(3));
  world.start();
  CHECK(world.web.requests.size() == 1);
  world.loop.advance(seconds(2));
  CHECK(world.web.requests.size() == 2);
}

TEST_CASE("after stop nothing goes and answers are forgotten") {
  World world;
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  world.dispatcher->stop();
  world.web.answer(FakeWebClient::status(200));
  world.add("wh_2", "b");
  world.loop.advance(hours(1));
  CHECK(world.sent() == Ids{"wh_1"});
  CHECK(world.get("wh_1").state == DeliveryState::QUEUED);
}

TEST_CASE("the first wait of the schedule counts from the making of the event") {
  World world({.retry_schedule = {seconds(2), seconds(5)}});
  world.web.responder = [](const net::WebRequest&) { return FakeWebClient::status(200); };
  world.start();
  world.add("wh_1", "a");
  world.loop.advance(milliseconds(1'999));
  CHECK(world.web.requests.empty());
  world.loop.advance(milliseconds(1));
  CHECK(world.web.requests.size() == 1);
  CHECK(world.get("wh_1").attempts == 1);
}

TEST_CASE("a session without a usable secret fails its deliveries instead of sending them unsigned") {
  World world;
  world.db.execute("UPDATE sessions SET webhook_secret = 'none'");
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  CHECK(world.web.requests.empty());
  CHECK(world.get("wh_1").state == DeliveryState::RETRYING);
}

TEST_CASE("a deleted session takes its deliveries along, also those under way") {
  World world;
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  store::sessions::erase(world.db, "ses_a");
  world.web.answer(FakeWebClient::status(200));
  world.loop.run_until_idle();
  CHECK(world.db.integer("SELECT count(*) FROM deliveries") == 0);
  CHECK_FALSE(world.loop.next_timer());
}

TEST_CASE("a replay that is asked for while an attempt is under way is not lost by its failure") {
  World world;
  world.start();
  world.add("wh_1", "a");
  world.loop.run_until_idle();
  REQUIRE(world.web.held() == 1);
  world.db.execute("UPDATE deliveries SET attempts = 3, state = 'RETRYING'");
  store::deliveries::replay(world.db, world.get("wh_1"), "https://example.com/other", "other", world.loop.now());

  world.web.answer(FakeWebClient::status(410));
  world.loop.run_until_idle();
  REQUIRE(world.web.requests.size() == 2);
  CHECK(world.web.requests[1].url == "https://example.com/other");
  CHECK(world.get("wh_1").state == DeliveryState::QUEUED);
}

TEST_CASE("when nothing can go, the dispatcher sleeps") {
  World world({.retry_schedule = {}, .parallel_max = 1});
  world.add("wh_1", "a");
  world.add("wh_2", "b");
  world.start();
  CHECK(world.web.held() == 1);
  // wh_2 is due and has no place: nothing runs until wh_1 ends.
  CHECK(world.loop.run_until_idle() == 0);
  CHECK_FALSE(world.loop.next_timer());
}

}  // namespace
}  // namespace konekwa::events
