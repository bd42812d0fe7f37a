#include "daemon/store/groups.h"

#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::at;
using Holders = std::set<std::string>;

GroupRow group_row(const std::string& jid, const std::string& subject = "Toko") {
  GroupRow row;
  row.session = "ses_a";
  row.jid = jid;
  row.subject = subject;
  row.description = "All about it";
  row.description_id = "ABCD";
  row.owner = "111@lid";
  row.owner_alternate = "6281@s.whatsapp.net";
  row.community = "9@g.us";
  row.uses_lids = row.is_announcement = row.is_community_announcement = true;
  row.ephemeral_s = 604800;
  row.size = 2;
  row.created_at = at(-100);
  row.fetched_at = at(0);
  row.members = {{"111@lid", "6281@s.whatsapp.net", "superadmin"}, {"222@lid", "", "member"}};
  return row;
}

struct Groups : test::MemoryStore {
  Groups() {
    sessions::insert(db, test::session_row("ses_a"));
    sessions::insert(db, test::session_row("ses_b"));
  }
  std::int64_t count(const char* table) { return *db.integer("SELECT count(*) FROM " + std::string(table)); }
};

TEST_CASE("a group comes back as it was put, and is replaced by the next", "[groups]") {
  Groups store;
  CHECK_FALSE(groups::find(store.db, "ses_a", "1@g.us"));
  GroupRow row = group_row("1@g.us");
  groups::put(store.db, row);
  CHECK(groups::find(store.db, "ses_a", "1@g.us") == row);
  CHECK_FALSE(groups::find(store.db, "ses_b", "1@g.us"));

  row.members.pop_back();
  row.subject = "New";
  row.is_announcement = false;
  row.is_suspended = row.is_locked = row.needs_approval = row.members_may_add = row.is_community = true;
  row.created_at.reset();
  groups::put(store.db, row);
  CHECK(groups::find(store.db, "ses_a", "1@g.us") == row);
}

TEST_CASE("groups are listed by subject, without members", "[groups]") {
  Groups store;
  groups::put(store.db, group_row("1@g.us", "B"));
  groups::put(store.db, group_row("2@g.us", "A"));
  const auto rows = groups::list(store.db, "ses_a");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].jid == "2@g.us");
  CHECK(rows[0].size == 2);
  CHECK(rows[0].members.empty());
  CHECK(groups::list(store.db, "ses_b").empty());
}

TEST_CASE("a group becomes stale, and goes", "[groups]") {
  Groups store;
  for (const char* jid : {"1@g.us", "2@g.us", "3@g.us"}) groups::put(store.db, group_row(jid));
  groups::set_stale(store.db, "ses_a", "1@g.us");
  CHECK_FALSE(groups::find(store.db, "ses_a", "1@g.us")->fetched_at);
  CHECK(groups::find(store.db, "ses_a", "2@g.us")->fetched_at);
  groups::set_key_holders(store.db, "ses_a", "1@g.us", {"111@lid"});
  groups::erase(store.db, "ses_a", "1@g.us");
  CHECK(groups::key_holders(store.db, "ses_a", "1@g.us").empty());
  CHECK_FALSE(groups::find(store.db, "ses_a", "1@g.us"));
  groups::erase_others(store.db, "ses_a", {"3@g.us", "4@g.us"});
  CHECK(groups::list(store.db, "ses_a").size() == 1);
  CHECK(store.count("group_members") == 2);
}

TEST_CASE("holders of a sender key are kept by group", "[groups]") {
  Groups store;
  groups::set_key_holders(store.db, "ses_a", "1@g.us", {"111@lid", "111:2@lid"});
  groups::set_key_holders(store.db, "ses_a", "2@g.us", {"222@lid"});
  CHECK(groups::key_holders(store.db, "ses_a", "1@g.us") == Holders{"111@lid", "111:2@lid"});
  groups::set_key_holders(store.db, "ses_a", "1@g.us", {});
  CHECK(groups::key_holders(store.db, "ses_a", "1@g.us").empty());
  CHECK(groups::key_holders(store.db, "ses_a", "2@g.us") == Holders{"222@lid"});
}

TEST_CASE("receipts of a group are counted once for each reader", "[groups]") {
  Groups store;
  const std::int64_t message = messages::insert(store.db, test::outbound_row("msg_1"));
  const auto row = [&] { return *messages::find(store.db, "msg_1"); };
  CHECK(row().audience == 0);
  message_receipts::set_audience(store.db, "ses_a", row().wa_message_id, 3);
  CHECK(message_receipts::add_delivered(store.db, message, "1@lid", at(1)));
  CHECK_FALSE(message_receipts::add_delivered(store.db, message, "1@lid", at(2)));
  CHECK(row().receipts_delivered == 1);
  CHECK(row().receipts_read == 0);
  CHECK(message_receipts::add_read(store.db, message, "1@lid", at(3)));
  CHECK_FALSE(message_receipts::add_read(store.db, message, "1@lid", at(4)));
  CHECK(message_receipts::add_read(store.db, message, "2@lid", at(5)));
  CHECK(row().receipts_delivered == 2);
  CHECK(row().receipts_read == 2);
  CHECK(row().audience == 3);
}

TEST_CASE("a device that lost our keys holds them nowhere", "[groups]") {
  Groups store;
  for (const char* group : {"1@g.us", "2@g.us"}) {
    groups::set_key_holders(store.db, "ses_a", group, {"111@lid", "111:2@lid"});
  }
  groups::forget_key_holder(store.db, "ses_a", "111@lid");
  for (const char* group : {"1@g.us", "2@g.us"}) {
    CHECK(groups::key_holders(store.db, "ses_a", group) == Holders{"111:2@lid"});
  }
}

TEST_CASE("everything of groups goes with its session", "[groups]") {
  Groups store;
  groups::put(store.db, group_row("1@g.us"));
  groups::set_key_holders(store.db, "ses_a", "1@g.us", {"111@lid"});
  const std::int64_t message = messages::insert(store.db, test::outbound_row("msg_1"));
  message_receipts::add_read(store.db, message, "1@lid", at(3));
  sessions::erase(store.db, "ses_a");
  for (const char* table : {"groups", "group_members", "sender_key_holders", "message_receipts"}) {
    CHECK(store.count(table) == 0);
  }
}

}  // namespace
}  // namespace konekwa::store
