#include "daemon/store/messages.h"

#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::at;
using test::inbound_row;
using test::outbound_row;
using messages::Filter;
using messages::Page;

struct Messages : test::MemoryStore {
  Messages() {
    sessions::insert(db, test::session_row("ses_a"));
    sessions::insert(db, test::session_row("ses_b", "other"));
  }
  std::int64_t add(const std::string& id) { return messages::insert(db, outbound_row(id)); }
  MessageRow get(const std::string& id) { return *messages::find(db, id); }
};

TEST_CASE("a message comes back as it was stored") {
  Messages store;
  MessageRow row = inbound_row("msg_1");
  row.sender_lid = "123456789012345@lid";
  row.sender_name = "Pelanggan";
  row.client_reference = "order-771";
  row.source = "phone";
  row.offline = row.inactive_receipt = true;
  row.attempts = 3;
  row.error_code = "EXPIRED";
  row.error_message = "too late";
  row.error_details = "24h";
  row.expires_at = at(1);
  row.sent_at = at(2);
  row.delivered_at = at(3);
  row.read_at = at(4);
  row.failed_at = at(5);
  const auto sequence = messages::insert(store.db, row);

  const MessageRow got = store.get("msg_1");
  CHECK(got.sequence == sequence);
  CHECK(got.tenant == "default");
  CHECK(got.session == "ses_a");
  CHECK_FALSE(got.outbound);
  CHECK(got.state == MessageState::RECEIVED);
  CHECK(got.recipient == row.recipient);
  CHECK(got.chat_id == row.chat_id);
  CHECK(got.sender == row.sender);
  CHECK(got.sender_lid == row.sender_lid);
  CHECK(got.sender_name == "Pelanggan");
  CHECK(got.message_type == "text");
  CHECK(got.content == row.content);
  CHECK(got.wa_message_id == row.wa_message_id);
  CHECK(got.client_reference == "order-771");
  CHECK(got.source == "phone");
  CHECK(got.offline);
  CHECK(got.inactive_receipt);
  CHECK(got.attempts == 3);
  CHECK(got.error_code == "EXPIRED");
  CHECK(got.error_message == "too late");
  CHECK(got.error_details == "24h");
  CHECK(got.created_at == at(0));
  CHECK(got.expires_at == at(1));
  CHECK(got.sent_at == at(2));
  CHECK(got.delivered_at == at(3));
  CHECK(got.read_at == at(4));
  CHECK(got.failed_at == at(5));
  CHECK_FALSE(messages::find(store.db, "msg_2"));
}

TEST_CASE("two messages cannot have one id, and none belongs to a session that is not there") {
  Messages store;
  store.add("msg_1");
  CHECK_THROWS_AS(store.add("msg_1"), Failure);
  CHECK_THROWS_AS(messages::insert(store.db, outbound_row("msg_2", "ses_gone")), Failure);
}

TEST_CASE("a stanza id is found in its direction and session") {
  Messages store;
  store.add("msg_1");
  MessageRow received = inbound_row("msg_2");
  received.wa_message_id = "3EB0msg_1";
  messages::insert(store.db, received);
  CHECK(messages::find_by_wa_id(store.db, "ses_a", "3EB0msg_1", true)->id == "msg_1");
  CHECK(messages::find_by_wa_id(store.db, "ses_a", "3EB0msg_1", false)->id == "msg_2");
  CHECK_FALSE(messages::find_by_wa_id(store.db, "ses_b", "3EB0msg_1", true));
}

TEST_CASE("the outbox is what is queued or being sent, oldest first") {
  Messages store;
  const auto first = store.add("msg_1");
  const auto second = store.add("msg_2");
  store.add("msg_3");
  messages::insert(store.db, inbound_row("msg_in"));
  messages::insert(store.db, outbound_row("msg_other", "ses_b"));
  messages::set_sending(store.db, first);
  messages::set_sent(store.db, "ses_a", "3EB0msg_3", at(1));

  const auto ids = [&](std::int64_t after, int limit) {
    std::vector<std::string> out;
    for (const MessageRow& row : messages::outbox(store.db, "ses_a", after, limit)) out.push_back(row.id);
    return out;
  };
  CHECK(ids(0, 10) == std::vector<std::string>{"msg_1", "msg_2"});
  CHECK(ids(0, 1) == std::vector<std::string>{"msg_1"});
  CHECK(ids(first, 10) == std::vector<std::string>{"msg_2"});
  CHECK(ids(second, 10).empty());
  CHECK(messages::count_waiting(store.db, "ses_a") == 2);
}

TEST_CASE("the length of the outbox is kept through every change") {
  Messages store;
  const auto count = [&] {
    const auto counted = store.db.integer("SELECT count(*) FROM messages WHERE session = 'ses_a' AND outbound = 1"
                                          " AND state IN ('QUEUED', 'SENDING')");
    CHECK(messages::count_waiting(store.db, "ses_a") == counted);
    return *counted;
  };
  for (int i = 0; i < 5; ++i) store.add("msg_" + std::to_string(i));
  messages::insert(store.db, inbound_row("msg_in"));
  MessageRow sent = outbound_row("msg_phone");
  sent.state = MessageState::SENT;
  messages::insert(store.db, sent);
  CHECK(count() == 5);
  messages::set_sending(store.db, store.get("msg_0").sequence);
  CHECK(count() == 5);
  messages::set_sent(store.db, "ses_a", "3EB0msg_0", at(1));
  messages::set_delivered(store.db, "ses_a", "3EB0msg_0", at(1));
  CHECK(count() == 4);
  messages::set_read(store.db, "ses_a", "3EB0msg_1", at(1));
  messages::set_failed(store.db, store.get("msg_2").sequence, MessageState::EXPIRED, Error(ErrorCode::EXPIRED), at(1));
  CHECK(count() == 2);
  store.db.execute("DELETE FROM messages WHERE id = 'msg_3'");
  CHECK(count() == 1);
  CHECK(messages::count_waiting(store.db, "ses_gone") == 0);
}

TEST_CASE("a message goes its way forward, each step stamped once") {
  Messages store;
  const auto sequence = store.add("msg_1");
  CHECK(messages::set_sending(store.db, sequence)->attempts == 1);
  CHECK(messages::set_sending(store.db, sequence)->attempts == 2);   // after a restart
  const auto sent = messages::set_sent(store.db, "ses_a", "3EB0msg_1", at(2));
  REQUIRE(sent);
  CHECK(sent->state == MessageState::SENT);
  CHECK(sent->sent_at == at(2));
  CHECK(messages::set_delivered(store.db, "ses_a", "3EB0msg_1", at(3))->delivered_at == at(3));
  const auto read = messages::set_read(store.db, "ses_a", "3EB0msg_1", at(4));
  REQUIRE(read);
  CHECK(read->state == MessageState::READ);
  CHECK(read->sent_at == at(2));
  CHECK(read->delivered_at == at(3));
  CHECK(read->read_at == at(4));
}

TEST_CASE("no state moves back") {
  Messages store;
  const auto sequence = store.add("msg_1");
  const auto state = GENERATE(MessageState::SENT, MessageState::DELIVERED, MessageState::READ, MessageState::FAILED);
  if (state == MessageState::SENT) messages::set_sent(store.db, "ses_a", "3EB0msg_1", at(1));
  if (state == MessageState::DELIVERED) messages::set_delivered(store.db, "ses_a", "3EB0msg_1", at(1));
  if (state == MessageState::READ) messages::set_read(store.db, "ses_a", "3EB0msg_1", at(1));
  if (state == MessageState::FAILED) messages::set_failed(store.db, sequence, state, Error(ErrorCode::NO_ACK), at(1));
  REQUIRE(store.get("msg_1").state == state);

  CHECK_FALSE(messages::set_sending(store.db, sequence));
  CHECK_FALSE(messages::set_sent(store.db, "ses_a", "3EB0msg_1", at(9)));
  CHECK_FALSE(messages::set_failed(store.db, sequence, MessageState::FAILED, Error(ErrorCode::NO_ACK), at(9)));
  if (state != MessageState::SENT) CHECK_FALSE(messages::set_delivered(store.db, "ses_a", "3EB0msg_1", at(9)));
  if (state == MessageState::FAILED) CHECK_FALSE(messages::set_read(store.db, "ses_a", "3EB0msg_1", at(9)));
  CHECK(store.get("msg_1").sent_at != at(9));
}

TEST_CASE("a receipt that overtakes the ack stamps what it implies, and the ack changes nothing") {
  Messages store;
  store.add("msg_1");
  const auto read = messages::set_read(store.db, "ses_a", "3EB0msg_1", at(5));
  REQUIRE(read);
  CHECK(read->sent_at == at(5));
  CHECK(read->delivered_at == at(5));
  CHECK_FALSE(messages::set_sent(store.db, "ses_a", "3EB0msg_1", at(6)));
  CHECK(store.get("msg_1").sent_at == at(5));
  CHECK(messages::count_waiting(store.db, "ses_a") == 0);
}

TEST_CASE("an inactive device's receipt is kept beside the state") {
  Messages store;
  store.add("msg_1");
  messages::set_inactive_receipt(store.db, "ses_a", "3EB0msg_1");
  CHECK(store.get("msg_1").inactive_receipt);
  CHECK(store.get("msg_1").state == MessageState::QUEUED);
}

TEST_CASE("a failure says why") {
  Messages store;
  const auto sequence = store.add("msg_1");
  const Error why(ErrorCode::SERVER_REJECTED, "wa_code 479");
  const auto failed = messages::set_failed(store.db, sequence, MessageState::FAILED, why, at(3));
  REQUIRE(failed);
  CHECK(failed->state == MessageState::FAILED);
  CHECK(failed->error_code == "SERVER_REJECTED");
  CHECK(failed->error_message == "WhatsApp rejected the message");
  CHECK(failed->error_details == "wa_code 479");
  CHECK(failed->failed_at == at(3));
}

TEST_CASE("pages are newest first, without skips or repeats while messages arrive") {
  Messages store;
  for (int i = 0; i < 25; ++i) store.add("msg_" + std::to_string(i));
  Filter filter;
  filter.tenant = "default";
  std::vector<std::string> seen;
  std::int64_t before = 0;
  for (int page_number = 0; page_number < 10; ++page_number) {
    const Page page = messages::list(store.db, filter, before, 10);
    for (const MessageRow& row : page.rows) seen.push_back(row.id);
    CHECK(page.total_count == 25 + page_number);
    if (!page.more) break;
    before = page.rows.back().sequence;
    store.add("msg_new_" + std::to_string(page_number));   // in front of what was read
  }
  std::vector<std::string> expected;
  for (int i = 24; i >= 0; --i) expected.push_back("msg_" + std::to_string(i));
  CHECK(seen == expected);
}

TEST_CASE("a list is of one tenant, and of what the filter asks for") {
  Messages store;
  for (int i = 0; i < 4; ++i) {
    MessageRow row = i % 2 ? inbound_row("msg_" + std::to_string(i)) : outbound_row("msg_" + std::to_string(i));
    row.created_at = at(i);
    if (i == 3) row.message_type = "image";
    messages::insert(store.db, row);
  }
  sessions::insert(store.db, test::session_row("ses_c"));
  messages::insert(store.db, outbound_row("msg_c", "ses_c"));
  MessageRow foreign = outbound_row("msg_b", "ses_b");
  foreign.tenant = "other";
  messages::insert(store.db, foreign);

  const auto ids = [&](const Filter& filter) {
    const Page page = messages::list(store.db, filter, 0, 100);
    std::vector<std::string> out;
    for (const MessageRow& row : page.rows) out.push_back(row.id);
    CHECK(page.total_count == static_cast<std::int64_t>(out.size()));
    CHECK_FALSE(page.more);
    return out;
  };
  using Ids = std::vector<std::string>;
  Filter filter;
  CHECK(ids(filter).size() == 6);   // an admin sees every tenant
  filter.tenant = "default";
  CHECK(ids(filter) == Ids{"msg_c", "msg_3", "msg_2", "msg_1", "msg_0"});
  Filter of_session = filter;
  of_session.session = "ses_a";
  CHECK(ids(of_session) == Ids{"msg_3", "msg_2", "msg_1", "msg_0"});
  of_session.session = "ses_b";
  CHECK(ids(of_session).empty());   // another tenant's
  Filter allowed = filter;
  allowed.allowed_sessions = {"ses_c", "ses_b"};
  CHECK(ids(allowed) == Ids{"msg_c"});
  Filter narrow = filter;
  narrow.session = "ses_a";
  narrow.outbound = false;
  CHECK(ids(narrow) == Ids{"msg_3", "msg_1"});
  narrow.message_type = "image";
  CHECK(ids(narrow) == Ids{"msg_3"});
  Filter times = filter;
  times.session = "ses_a";
  times.start = at(1);
  times.end = at(3);
  CHECK(ids(times) == Ids{"msg_2", "msg_1"});
}

TEST_CASE("what was seen once is not new again") {
  Messages store;
  CHECK_FALSE(messages::is_seen(store.db, "ses_a", "chat", "sender", "3A5F"));
  CHECK(messages::mark_seen(store.db, "ses_a", "chat", "sender", "3A5F", at(0)));
  CHECK_FALSE(messages::mark_seen(store.db, "ses_a", "chat", "sender", "3A5F", at(1)));
  CHECK(messages::is_seen(store.db, "ses_a", "chat", "sender", "3A5F"));
  CHECK(messages::mark_seen(store.db, "ses_a", "chat", "another", "3A5F", at(1)));
  CHECK(messages::mark_seen(store.db, "ses_b", "chat", "sender", "3A5F", at(1)));
}

TEST_CASE("every state has a word and every word a state") {
  for (int i = 0; i <= static_cast<int>(MessageState::EXPIRED); ++i) {
    const auto state = static_cast<MessageState>(i);
    CHECK(message_state_from(to_string(state)) == state);
  }
  CHECK(to_string(MessageState::DELIVERED) == "DELIVERED");
  CHECK_FALSE(message_state_from("delivered"));
}

}  // namespace
}  // namespace konekwa::store
