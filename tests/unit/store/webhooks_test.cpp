#include "daemon/store/webhooks.h"

#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

TEST_CASE("what a session's webhooks want is kept as it was put") {
  test::MemoryStore store;
  sessions::insert(store.db, test::session_row("ses_a"));
  CHECK(webhooks::find(store.db, "ses_a").events.empty());
  WebhookSettings settings;
  settings.events = {"message.*", "session.qr"};
  settings.ignore_chats = {"groups", "6281234567890@s.whatsapp.net"};
  settings.headers = {{"X-Toko", "a \"b\""}, {"Authorization", "Bearer x"}};
  webhooks::put(store.db, "ses_a", settings);
  webhooks::set_gone(store.db, "ses_a", "status", test::at(5));
  const auto found = webhooks::find(store.db, "ses_a");
  CHECK(found.events == settings.events);
  CHECK(found.ignore_chats == settings.ignore_chats);
  CHECK(found.headers == settings.headers);
  CHECK_FALSE(found.message_gone_at);
  CHECK(found.status_gone_at == test::at(5));
  webhooks::set_gone(store.db, "ses_a", "status", std::nullopt);
  CHECK_FALSE(webhooks::find(store.db, "ses_a").status_gone_at);
}

TEST_CASE("the log shows every delivery, and the meters how a session does") {
  test::MemoryStore store;
  sessions::insert(store.db, test::session_row("ses_a"));
  sessions::insert(store.db, test::session_row("ses_b", "toko"));
  for (const char* id : {"wh_1", "wh_2", "wh_3"}) test::add_delivery(store.db, id, id, test::at(0));
  test::add_delivery(store.db, "wh_b", "b", test::at(1), "https://example.com/", "ses_b");
  deliveries::record_attempt(
      store.db, "wh_1", {DeliveryState::DELIVERED, 200, "", "ok", milliseconds(12), test::at(3), test::at(3)});
  deliveries::record_attempt(
      store.db, "wh_2", {DeliveryState::RETRYING, 500, "HTTP 500", "no", milliseconds(5), test::at(4), test::at(9)});

  const auto all = deliveries::list(store.db, {}, 0, 3);
  CHECK(all.more);
  REQUIRE(all.rows.size() == 3);
  CHECK(all.rows[0].id == "wh_b");
  CHECK(all.rows[2].response == "no");
  const auto rest = deliveries::list(store.db, {}, all.rows[2].position, 3);
  REQUIRE(rest.rows.size() == 1);
  CHECK(rest.rows[0].latency == milliseconds(12));
  deliveries::DeliveryFilter filter;
  filter.tenant = "toko";
  CHECK(deliveries::list(store.db, filter, 0, 10).rows.size() == 1);
  filter = {};
  filter.session = "ses_a";
  filter.state = DeliveryState::DELIVERED;
  CHECK(deliveries::list(store.db, filter, 0, 10).rows.size() == 1);
  filter = {};
  filter.since = test::at(1);
  CHECK(deliveries::list(store.db, filter, 0, 10).rows.size() == 1);
  filter = {};
  filter.until = test::at(1);
  CHECK(deliveries::list(store.db, filter, 0, 10).rows.size() == 3);

  const auto meters = deliveries::meters(store.db, "ses_a");
  CHECK(meters.pending == 2);
  CHECK(meters.oldest_pending_at == test::at(0));
  CHECK(meters.last_success_at == test::at(3));
  CHECK(meters.last_error == "HTTP 500");
  CHECK(deliveries::totals(store.db).oldest_pending_at == test::at(0));
}

}  // namespace
}  // namespace konekwa::store
