#include "daemon/events/event_retention.h"

#include "tests/support/manual_loop.h"
#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::events {
namespace {

using store::DeliveryAttempt;
using store::DeliveryState;
using test::add_delivery;

struct World : test::MemoryStore {
  World() { store::sessions::insert(db, test::session_row("ses_a")); }

  void add(const std::string& id, Duration age) { add_delivery(db, id, id, loop.now() - age); }
  void settle(const std::string& id, DeliveryState state, Duration age) {
    DeliveryAttempt attempt;
    attempt.state = state;
    attempt.at = attempt.next_attempt_at = loop.now() - age;
    store::deliveries::record_attempt(db, id, attempt);
  }
  std::vector<std::string> deliveries() {
    std::vector<std::string> out;
    for (const auto& row : store::deliveries::list_of_session(db, "ses_a")) out.push_back(row.id);
    return out;
  }
  std::size_t events() { return store::deliveries::events_after(db, "ses_a", 0, 10'000).size(); }

  test::ManualLoop loop;
  EventRetention retention{loop, writer, {.events = hours(24), .dead = hours(72), .overdue = hours(48)}};
};

using Ids = std::vector<std::string>;

TEST_CASE("what was delivered goes after its time, what was given up later, what waits stays") {
  World world;
  for (const char* id : {"wh_old", "wh_new", "wh_dead", "wh_long_dead"}) world.add(id, hours(100));
  world.add("wh_waits", hours(30));
  world.settle("wh_old", DeliveryState::DELIVERED, hours(25));
  world.settle("wh_new", DeliveryState::DELIVERED, hours(23));
  world.settle("wh_dead", DeliveryState::DEAD, hours(25));
  world.settle("wh_long_dead", DeliveryState::DEAD, hours(73));
  world.retention.start();
  world.loop.run_until_idle();
  CHECK(world.deliveries() == Ids{"wh_new", "wh_dead", "wh_waits"});
  CHECK(world.events() == 3);   // of an event that is still owed nothing goes
}

TEST_CASE("a delivery that is due for very long and never tried stands in the list of failed ones") {
  World world;
  world.add("wh_forgotten", hours(49));
  world.add("wh_patient", hours(47));
  world.retention.start();
  world.loop.run_until_idle();
  const auto failed = store::deliveries::list_failed(world.db, {}, 0, 10);
  REQUIRE(failed.rows.size() == 1);
  CHECK(failed.rows[0].id == "wh_forgotten");
  CHECK(failed.rows[0].error == "The receiver has not answered for 2d");
}

TEST_CASE("many rows go in steps, and time brings the next look") {
  World world;
  for (int i = 0; i < 1'234; ++i) {
    world.add("wh_" + std::to_string(i), hours(30));
    world.settle("wh_" + std::to_string(i), DeliveryState::DELIVERED, hours(30));
  }
  world.retention.start();
  world.loop.run_until_idle();
  CHECK(world.deliveries().empty());
  CHECK(world.events() == 0);
  world.add("wh_x", hours(30));
  world.settle("wh_x", DeliveryState::DELIVERED, hours(30));
  world.loop.advance(EventRetention::kInterval);
  CHECK(world.deliveries().empty());
}

TEST_CASE("zero keeps for ever") {
  World world;
  const EventRetention::Options options{.events = Duration(0), .dead = Duration(0), .overdue = hours(48)};
  EventRetention retention{world.loop, world.writer, options};
  world.add("wh_1", hours(10'000));
  world.settle("wh_1", DeliveryState::DELIVERED, hours(9'000));
  retention.start();
  world.loop.run_until_idle();
  CHECK(world.deliveries() == Ids{"wh_1"});
  CHECK(world.events() == 1);
}

}  // namespace
}  // namespace konekwa::events
