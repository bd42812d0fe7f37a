#include "daemon/store/deliveries.h"

#include "tests/support/memory_store.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::add_delivery;
using test::at;
using Ids = std::vector<std::string>;

struct Deliveries : test::MemoryStore {
  Deliveries() { sessions::insert(db, test::session_row("ses_a")); }

  Ids due(Time now, const std::vector<std::string>& busy = {}, int limit = 100) {
    return ids(deliveries::due(db, now, {busy, {}}, limit));
  }
  static Ids ids(const std::vector<DeliveryRow>& rows) {
    Ids out;
    for (const DeliveryRow& row : rows) out.push_back(row.id);
    return out;
  }
  void fail_once(const std::string& id, Time now, Time next) {
    deliveries::record_attempt(
        db, id, {DeliveryState::RETRYING, 500, "HTTP 500", "", milliseconds(7), now, next});
  }
  void deliver(const std::string& id, Time now) {
    deliveries::record_attempt(db, id, {DeliveryState::DELIVERED, 200, "", "ok", milliseconds(7), now, now});
  }
};

TEST_CASE("a delivery is due with its body and secret") {
  Deliveries store;
  add_delivery(store.db, "wh_1", "lane", at(5));
  CHECK(store.due(at(4)).empty());
  const auto rows = deliveries::due(store.db, at(5), {}, 10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].event_id == "evt_wh_1");
  CHECK(rows[0].body == "{\"id\":\"evt_wh_1\"}");
  CHECK(rows[0].secret == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  CHECK(rows[0].url == "https://example.com/hook");
  CHECK(rows[0].state == DeliveryState::QUEUED);
}

TEST_CASE("of a lane only the oldest is due, the next when it is finished") {
  Deliveries store;
  add_delivery(store.db, "wh_1", "a", at(0));
  add_delivery(store.db, "wh_2", "a", at(0));
  add_delivery(store.db, "wh_3", "b", at(0));
  CHECK(store.due(at(1)) == Ids{"wh_1", "wh_3"});
  CHECK(store.due(at(1), {"a"}) == Ids{"wh_3"});
  CHECK(store.due(at(1), {}, 1) == Ids{"wh_1"});
  store.deliver("wh_1", at(1));
  CHECK(store.due(at(1)) == Ids{"wh_2", "wh_3"});
}

TEST_CASE("a failing delivery holds its lane twice, then steps aside and comes back in time") {
  Deliveries store;
  add_delivery(store.db, "wh_1", "a", at(0));
  add_delivery(store.db, "wh_2", "a", at(0));
  add_delivery(store.db, "wh_3", "a", at(0));
  store.fail_once("wh_1", at(1), at(10));
  CHECK(store.due(at(9)).empty());
  store.fail_once("wh_1", at(10), at(20));
  CHECK(store.due(at(19)).empty());
  store.fail_once("wh_1", at(20), at(100));
  CHECK(store.due(at(20)) == Ids{"wh_2"});
  CHECK(store.due(at(100)) == Ids{"wh_1", "wh_2"});
  CHECK(store.due(at(100), {"a"}).empty());
  store.deliver("wh_2", at(21));
  CHECK(store.due(at(21)) == Ids{"wh_3"});
  store.deliver("wh_1", at(100));
  CHECK(store.due(at(100)) == Ids{"wh_3"});   // its going back changed nothing for who holds the lane
}

TEST_CASE("a dead delivery lets its lane go on, and stays dead") {
  Deliveries store;
  add_delivery(store.db, "wh_1", "a", at(0));
  add_delivery(store.db, "wh_2", "a", at(0));
  deliveries::give_up(store.db, "wh_1", "expired");
  CHECK(store.due(at(0)) == Ids{"wh_2"});
  store.fail_once("wh_1", at(1), at(1));
  const auto rows = deliveries::list_of_session(store.db, "ses_a");
  CHECK(rows[0].state == DeliveryState::DEAD);
  CHECK(rows[0].attempts == 0);
  CHECK(rows[0].error == "expired");
}

TEST_CASE("an attempt is recorded") {
  Deliveries store;
  add_delivery(store.db, "wh_1", "a", at(0));
  store.fail_once("wh_1", at(3), at(8));
  const auto row = deliveries::list_of_session(store.db, "ses_a").at(0);
  CHECK(row.state == DeliveryState::RETRYING);
  CHECK(row.attempts == 1);
  CHECK(row.http_status == 500);
  CHECK(row.error == "HTTP 500");
  CHECK(row.last_attempt_at == at(3));
  CHECK(row.next_attempt_at == at(8));
  CHECK(deliveries::meters(store.db, "ses_a").pending == 1);
  store.deliver("wh_1", at(8));
  CHECK(deliveries::meters(store.db, "ses_a").pending == 0);
  deliveries::record_attempt(store.db, "wh_gone", {});
}

TEST_CASE("the next time is of what may go, not of what waits behind it") {
  Deliveries store;
  CHECK_FALSE(deliveries::next_due_at(store.db));
  add_delivery(store.db, "wh_1", "a", at(50));
  add_delivery(store.db, "wh_2", "a", at(10));
  add_delivery(store.db, "wh_3", "b", at(70));
  CHECK(deliveries::next_due_at(store.db) == at(50));
  CHECK(deliveries::next_due_at(store.db, at(50)) == at(70));
  CHECK_FALSE(deliveries::next_due_at(store.db, at(70)));
  deliveries::postpone(store.db, "wh_1", at(60));
  CHECK(deliveries::next_due_at(store.db) == at(60));
}

TEST_CASE("a URL with a long queue does not keep the others waiting") {
  Deliveries store;
  for (int i = 0; i < 50; ++i) {
    add_delivery(store.db, "slow_" + std::to_string(i), "s" + std::to_string(i), at(0), "https://slow");
  }
  add_delivery(store.db, "fast_1", "f1", at(1), "https://fast");
  add_delivery(store.db, "fast_2", "f2", at(1), "https://fast");
  const auto some = deliveries::due(store.db, at(2), deliveries::Busy{{}, {}, 3}, 10);
  CHECK(Deliveries::ids(some) == Ids{"slow_0", "slow_1", "slow_2", "fast_1", "fast_2"});
  const auto others = deliveries::due(store.db, at(2), deliveries::Busy{{}, {"https://slow"}, 3}, 10);
  CHECK(Deliveries::ids(others) == Ids{"fast_1", "fast_2"});
}

TEST_CASE("when there is not room for all URLs, the one that waits longest goes first") {
  Deliveries store;
  add_delivery(store.db, "wh_1", "a", at(9), "https://a");
  add_delivery(store.db, "wh_2", "b", at(1), "https://b");
  add_delivery(store.db, "wh_3", "c", at(5), "https://c");
  CHECK(store.due(at(10), {}, 1) == Ids{"wh_2"});
  CHECK(store.due(at(10), {}, 2) == Ids{"wh_2", "wh_3"});
}

TEST_CASE("events are read in order from a sequence on") {
  Deliveries store;
  for (int i = 1; i <= 5; ++i) add_delivery(store.db, "wh_" + std::to_string(i), "a", at(i));
  const auto rows = deliveries::events_after(store.db, "ses_a", 2, 2);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].sequence == 3);
  CHECK(rows[1].sequence == 4);
  CHECK(rows[0].id == "evt_wh_3");
  CHECK(rows[0].position > 0);
}

TEST_CASE("a random history keeps the rule: a lane's oldest that holds it, and those that stepped aside") {
  Deliveries store;
  struct Model {
    std::string id, lane;
    int attempts = 0;
    bool is_open = true;
  };
  std::vector<Model> model;
  test::SeededRandom random(42);
  const auto dice = [&](std::size_t sides) { return static_cast<std::size_t>(random.below(sides)); };
  for (int step = 0; step < 600; ++step) {
    if (dice(3) == 0 || model.empty()) {
      model.push_back({"wh_" + std::to_string(step), "lane" + std::to_string(dice(4))});
      add_delivery(store.db, model.back().id, model.back().lane, at(0));
    } else {
      const auto rows = store.due(at(0));
      if (!rows.empty()) {
        const std::string id = rows[dice(rows.size())];
        Model& entry = *std::find_if(model.begin(), model.end(), [&](const Model& m) { return m.id == id; });
        if (dice(3) == 0) {
          store.deliver(id, at(0));
          entry.is_open = false;
        } else {
          store.fail_once(id, at(0), at(0));
          ++entry.attempts;
        }
      }
    }
    Ids expected;
    std::vector<std::string> held;
    for (const Model& entry : model) {
      if (!entry.is_open) continue;
      const bool is_held = std::find(held.begin(), held.end(), entry.lane) != held.end();
      if (entry.attempts >= 3 || !is_held) expected.push_back(entry.id);
      if (entry.attempts < 3) held.push_back(entry.lane);
    }
    REQUIRE(store.due(at(0), {}, 1000) == expected);
  }
}

}  // namespace
}  // namespace konekwa::store
