#include "daemon/store/sessions.h"
#include "daemon/store/chat_timers.h"
#include "daemon/store/webhooks.h"

#include "daemon/store/devices.h"
#include "daemon/store/groups.h"
#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::at;
using test::MemoryStore;
using test::session_row;

std::vector<std::string> ids(const std::vector<SessionRow>& rows) {
  std::vector<std::string> out;
  for (const SessionRow& row : rows) out.push_back(row.id);
  return out;
}

using Ids = std::vector<std::string>;

TEST_CASE("a session comes back as it was stored") {
  MemoryStore store;
  SessionRow row = session_row("ses_a");
  row.status = SessionStatus::DISCONNECTED;
  row.status_reason = "NETWORK";
  row.phone_number = "6281234567890";
  row.push_name = "Toko Maju";
  row.webhook_message = "https://example.com/message";
  row.webhook_status = "https://example.com/status";
  row.endpoint_url = "wss://example.com/ws";
  row.endpoint_root_key = "00ff";
  row.endpoint_ca_file = "/etc/ca.pem";
  row.id_was_chosen = true;
  row.wants_connection = false;
  row.connected_at = at(1);
  row.disconnected_at = at(2);
  sessions::insert(store.db, row);

  const auto got = sessions::find(store.db, "ses_a");
  REQUIRE(got);
  CHECK(got->tenant == "default");
  CHECK(got->name == "CS WhatsApp");
  CHECK(got->status == SessionStatus::DISCONNECTED);
  CHECK(got->status_reason == "NETWORK");
  CHECK(got->phone_number == "6281234567890");
  CHECK(got->push_name == "Toko Maju");
  CHECK(got->webhook_message == row.webhook_message);
  CHECK(got->webhook_status == row.webhook_status);
  CHECK(got->webhook_secret == row.webhook_secret);
  CHECK(got->endpoint_url == row.endpoint_url);
  CHECK(got->endpoint_root_key == "00ff");
  CHECK(got->endpoint_ca_file == "/etc/ca.pem");
  CHECK(got->id_was_chosen);
  CHECK_FALSE(got->wants_connection);
  CHECK(got->created_at == at(0));
  CHECK(got->updated_at == at(0));
  CHECK(got->connected_at == at(1));
  CHECK(got->disconnected_at == at(2));
  CHECK_FALSE(sessions::find(store.db, "ses_b"));
}

TEST_CASE("an id is taken once") {
  MemoryStore store;
  sessions::insert(store.db, session_row("ses_a"));
  try {
    sessions::insert(store.db, session_row("ses_a", "other"));
    FAIL("it was taken twice");
  } catch (const Failure& failure) {
    CHECK(failure.kind == Failure::Kind::Constraint);
  }
}

TEST_CASE("sessions are listed newest first, of a tenant, of those allowed") {
  MemoryStore store;
  for (const char* id : {"ses_a", "ses_b", "ses_c"}) sessions::insert(store.db, session_row(id));
  sessions::insert(store.db, session_row("ses_d", "other"));
  CHECK(ids(sessions::list(store.db, "default", {})) == Ids{"ses_c", "ses_b", "ses_a"});
  CHECK(ids(sessions::list(store.db, "", {})) == Ids{"ses_d", "ses_c", "ses_b", "ses_a"});
  CHECK(ids(sessions::list(store.db, "default", {"ses_a", "ses_c", "ses_d"})) == Ids{"ses_c", "ses_a"});
}

TEST_CASE("a change of status is stamped, no change is not") {
  MemoryStore store;
  sessions::insert(store.db, session_row("ses_a"));
  const auto get = [&] { return *sessions::find(store.db, "ses_a"); };

  CHECK(sessions::set_status(store.db, "ses_a", SessionStatus::CONNECTED, "", at(1)));
  CHECK_FALSE(sessions::set_status(store.db, "ses_a", SessionStatus::CONNECTED, "", at(2)));
  CHECK(get().connected_at == at(1));
  CHECK(get().updated_at == at(1));
  CHECK_FALSE(get().disconnected_at);

  CHECK(sessions::set_status(store.db, "ses_a", SessionStatus::DISCONNECTED, "NETWORK", at(3)));
  CHECK(get().disconnected_at == at(3));
  CHECK(get().connected_at == at(1));
  CHECK(sessions::set_status(store.db, "ses_a", SessionStatus::DISCONNECTED, "USER_REQUEST", at(4)));
  CHECK(get().disconnected_at == at(3));   // it left CONNECTED before
  CHECK(get().status_reason == "USER_REQUEST");
  CHECK_FALSE(sessions::set_status(store.db, "ses_gone", SessionStatus::CONNECTED, "", at(5)));
}

TEST_CASE("totals and who wants a connection") {
  MemoryStore store;
  for (const char* id : {"ses_a", "ses_b", "ses_c"}) sessions::insert(store.db, session_row(id));
  sessions::set_status(store.db, "ses_b", SessionStatus::CONNECTED, "", at(1));
  sessions::set_wants_connection(store.db, "ses_a", false);
  CHECK(sessions::totals(store.db).total == 3);
  CHECK(sessions::totals(store.db).connected == 1);
  CHECK(sessions::ids_to_connect(store.db) == Ids{"ses_b", "ses_c"});
}

TEST_CASE("what is learned later is kept") {
  MemoryStore store;
  sessions::insert(store.db, session_row("ses_a"));
  sessions::set_linked(store.db, "ses_a", "6281234567890", "Toko");
  sessions::set_endpoint(store.db, "ses_a", "wss://example.com", "aa", "/ca");
  sessions::set_webhooks(store.db, "ses_a", "https://example.com/m", "");
  const auto row = *sessions::find(store.db, "ses_a");
  CHECK(row.phone_number == "6281234567890");
  CHECK(row.push_name == "Toko");
  CHECK(row.endpoint_url == "wss://example.com");
  CHECK(row.endpoint_root_key == "aa");
  CHECK(row.endpoint_ca_file == "/ca");
  CHECK(row.webhook_message == "https://example.com/m");
  CHECK(row.webhook_status.empty());
}

TEST_CASE("event sequences are 1, 2, 3 for each session") {
  MemoryStore store;
  sessions::insert(store.db, session_row("ses_a"));
  sessions::insert(store.db, session_row("ses_b"));
  CHECK(sessions::next_event_sequence(store.db, "ses_a") == 1);
  CHECK(sessions::next_event_sequence(store.db, "ses_a") == 2);
  CHECK(sessions::next_event_sequence(store.db, "ses_b") == 1);
  CHECK(sessions::next_event_sequence(store.db, "ses_gone") == 0);
}

TEST_CASE("a session takes everything with it, and leaves the others alone") {
  MemoryStore store;
  for (const std::string id : {"ses_a", "ses_b"}) {
    sessions::insert(store.db, session_row(id));
    DeviceRow device;
    device.session = id;
    devices::save(store.db, device);
    devices::put_signal(store.db, id, 0, "1.0", Bytes{1});
    devices::put_lid(store.db, id, "1", "2");
    devices::put_list(store.db, id, "1", {0, 3}, at(0));
    devices::put_privacy_token(store.db, id, "1", Bytes{1}, at(0));
    messages::insert(store.db, test::outbound_row("msg_" + id, id));
    messages::mark_seen(store.db, id, "c", "s", "1", at(0));
    test::add_delivery(store.db, "wh_" + id, "lane", at(0), "https://example.com", id);
    GroupRow group;
    group.session = id;
    group.jid = "1@g.us";
    groups::put(store.db, group);
    groups::set_key_holders(store.db, id, "1@g.us", {"1@lid"});
    webhooks::set_gone(store.db, id, "message", at(0));
    chat_timers::put(store.db, id, "1@lid", {86'400, 0});
  }
  sessions::erase(store.db, "ses_a");

  std::vector<std::string> tables;
  store.db.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%REFERENCES sessions%'", {},
                 [&](const Row& row) { tables.push_back(row.text(0)); });
  CHECK(tables.size() == 13);
  for (const std::string& table : tables) {
    INFO(table);
    CHECK(store.db.integer("SELECT count(*) FROM " + table + " WHERE session = 'ses_a'") == 0);
    CHECK(store.db.integer("SELECT count(*) FROM " + table + " WHERE session = 'ses_b'") == 1);
  }
}

TEST_CASE("a sequence of an erased session is not given to another") {
  MemoryStore store;
  sessions::insert(store.db, session_row("ses_a"));
  sessions::insert(store.db, session_row("ses_b"));
  const auto erased = messages::insert(store.db, test::outbound_row("msg_1", "ses_a"));
  sessions::erase(store.db, "ses_a");
  CHECK(messages::insert(store.db, test::outbound_row("msg_2", "ses_b")) > erased);
}

TEST_CASE("an unknown word in a column is damage, not a guess") {
  MemoryStore store;
  sessions::insert(store.db, session_row("ses_a"));
  store.db.execute("UPDATE sessions SET status = 'DANCING'");
  try {
    sessions::find(store.db, "ses_a");
    FAIL("it was read");
  } catch (const Failure& failure) {
    CHECK(failure.kind == Failure::Kind::Broken);
  }
}

}  // namespace
}  // namespace konekwa::store
