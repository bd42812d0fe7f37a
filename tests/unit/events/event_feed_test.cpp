#include "daemon/events/event_feed.h"

#include "daemon/events/event_log.h"
#include "tests/support/memory_store.h"

using namespace konekwa;

namespace {

void commit_signal(test::MemoryStore& store, const char* topic) {
  store::WriteBatch batch;
  batch.run([topic](store::Database& db) { db.signal(topic); });
  store.writer.commit(std::move(batch), [](const Result<>&) {});
}

}  // namespace

TEST_CASE("whoever subscribed is told of events until the subscription is gone") {
  test::MemoryStore store;
  events::EventFeed feed(store.writer);
  int told_one = 0, told_other = 0;
  auto one = feed.subscribe([&] { ++told_one; });
  const auto other = feed.subscribe([&] { ++told_other; });
  commit_signal(store, events::kTopic);
  commit_signal(store, "something else");
  CHECK(told_one == 1);
  CHECK(told_other == 1);
  one.reset();
  commit_signal(store, events::kTopic);
  CHECK(told_one == 1);
  CHECK(told_other == 2);
}

TEST_CASE("a subscription may outlive its feed") {
  test::MemoryStore store;
  auto feed = std::make_unique<events::EventFeed>(store.writer);
  auto subscription = feed->subscribe([] {});
  feed.reset();
  commit_signal(store, events::kTopic);
  subscription.reset();
}
