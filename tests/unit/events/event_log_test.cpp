#include "daemon/events/event_log.h"

#include <nlohmann/json.hpp>

#include "daemon/store/deliveries.h"
#include "tests/support/memory_store.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/store/rows.h"

namespace konekwa::events {
namespace {

using store::MessageState;
using store::SessionStatus;
using test::at;

struct Log : test::MemoryStore {
  Log() {
    session = test::session_row("ses_a");
    session.phone_number = "6281234567890";
    session.webhook_message = "https://example.com/message";
    session.webhook_status = "https://example.com/status";
    store::sessions::insert(db, session);
  }

  std::vector<store::EventRow> events() { return store::deliveries::events_after(db, "ses_a", 0, 100); }
  std::vector<store::DeliveryRow> deliveries() { return store::deliveries::list_of_session(db, "ses_a"); }
  Json body() { return *parse_json(events().back().body); }

  static std::vector<std::string> keys(const Json& json) {
    std::vector<std::string> out;
    for (const auto& [key, value] : json.items()) out.push_back(key);
    return out;
  }

  store::SessionRow session;
  test::SeededRandom random{7};
};

using Keys = std::vector<std::string>;

TEST_CASE("the envelope has its keys in order, ids of their kinds, and the session's next sequence") {
  Log log;
  append(log.db, {"ses_a", "webhook.test", "lane", std::nullopt, true}, Json::object(), at(0), log.random);
  append(log.db, {"ses_a", "webhook.test", "lane", std::nullopt, true}, Json::object(), at(60), log.random);
  const auto rows = log.events();
  REQUIRE(rows.size() == 2);
  const Json body = log.body();
  CHECK(Log::keys(body) == Keys{"id", "event_type", "api_version", "session_id", "sequence", "timestamp", "data"});
  CHECK(body["id"] == rows[1].id);
  CHECK(rows[1].id.substr(0, 4) == "evt_");
  CHECK(rows[1].id.find('.') == std::string::npos);
  CHECK(body["api_version"] == "v1");
  CHECK(body["session_id"] == "ses_a");
  CHECK(body["sequence"] == 2);
  CHECK(body["timestamp"] == to_rfc3339(at(60)));
  CHECK(body["data"] == Json::object());
  CHECK(rows[1].tenant == "default");
  CHECK(log.db.take_signals() == std::vector<std::string>{kTopic, kTopic});
}

TEST_CASE("message events go to the message URL, session events to the status URL") {
  Log log;
  message_received(log.db, test::inbound_row("msg_1"), at(0), log.random);
  session_status(log.db, log.session, SessionStatus::CREATED, 0, at(0), log.random);
  const auto rows = log.deliveries();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].target == "message");
  CHECK(rows[0].url == "https://example.com/message");
  CHECK(rows[0].id.substr(0, 3) == "wh_");
  CHECK(rows[0].event_id == log.events()[0].id);
  CHECK(rows[1].target == "status");
  CHECK(rows[1].url == "https://example.com/status");
  CHECK(rows[0].lane != rows[1].lane);
}

TEST_CASE("chats are lanes of their own, a chat is one lane") {
  Log log;
  store::MessageRow row = test::inbound_row("msg_1");
  message_received(log.db, row, at(0), log.random);
  message_received(log.db, row, at(0), log.random);
  row.chat_id = "6285550000001@s.whatsapp.net";
  message_received(log.db, row, at(0), log.random);
  const auto rows = log.deliveries();
  CHECK(rows[0].lane == rows[1].lane);
  CHECK(rows[0].lane != rows[2].lane);
}

TEST_CASE("without a URL there is an event and no delivery, without a session there is neither") {
  Log log;
  store::sessions::set_webhooks(log.db, "ses_a", "", "");
  message_received(log.db, test::inbound_row("msg_1"), at(0), log.random);
  CHECK(log.events().size() == 1);
  CHECK(log.deliveries().empty());
  message_received(log.db, test::inbound_row("msg_1", "ses_gone"), at(0), log.random);
  CHECK(log.db.integer("SELECT count(*) FROM events") == 1);
}

TEST_CASE("what was typed on the phone is an event that no webhook gets") {
  Log log;
  store::MessageRow row = test::outbound_row("msg_1");
  row.source = "phone";
  row.state = MessageState::SENT;
  message_changed(log.db, row, at(0), log.random);
  CHECK(log.body()["data"]["source"] == "phone");
  CHECK(log.deliveries().empty());
}

TEST_CASE("message.received carries the inbound object") {
  Log log;
  store::MessageRow row = test::inbound_row("msg_in_1");
  row.sender_lid = "123456789012345@lid";
  row.sender_name = "Pelanggan";
  message_received(log.db, row, at(60), log.random);
  CHECK(log.body()["event_type"] == "message.received");
  const Json message = log.body()["data"]["message"];
  CHECK(Log::keys(message) == Keys{"id", "session_id", "sender", "sender_lid", "sender_name", "recipient", "chat_id",
                                   "is_group", "message_type", "content", "status", "direction", "wa_message_id",
                                   "offline", "created_at", "received_at"});
  CHECK(message["status"] == "RECEIVED");
  CHECK(message["direction"] == "INBOUND");
  CHECK(message["is_group"] == false);
  CHECK(message["offline"] == false);
}

TEST_CASE("message.sent, delivered and read tell how far it came") {
  Log log;
  store::MessageRow row = test::outbound_row("msg_1");
  row.client_reference = "order-771";
  row.state = MessageState::SENT;
  row.sent_at = at(2);
  message_changed(log.db, row, at(2), log.random);
  CHECK(log.body()["event_type"] == "message.sent");
  CHECK(Log::keys(log.body()["data"]) == Keys{"message_id", "status", "recipient", "message_type", "wa_message_id",
                                              "client_reference", "queued_at", "sent_at"});
  CHECK(log.body()["data"]["queued_at"] == to_rfc3339(at(0)));

  row.state = MessageState::DELIVERED;
  row.delivered_at = at(3);
  message_changed(log.db, row, at(3), log.random);
  CHECK(log.body()["event_type"] == "message.delivered");
  CHECK(log.body()["data"]["delivered_at"] == to_rfc3339(at(3)));
  CHECK(log.body()["data"]["receipts"].dump() == R"({"delivered":1,"read":0,"total":1})");

  row.state = MessageState::READ;
  row.read_at = at(4);
  message_changed(log.db, row, at(4), log.random);
  CHECK(log.body()["event_type"] == "message.read");
  CHECK(log.body()["data"]["receipts"].dump() == R"({"delivered":1,"read":1,"total":1})");
}

TEST_CASE("what became of a message to a group is counted in people") {
  Log log;
  store::MessageRow row = test::outbound_row("msg_1");
  row.chat_id = row.recipient = "120363021033254949@g.us";
  row.state = MessageState::DELIVERED;
  row.delivered_at = at(3);
  message_changed(log.db, row, at(3), log.random);
  CHECK_FALSE(log.body()["data"].contains("receipts"));   // not known how many it was for
  row.audience = 4;
  row.receipts_delivered = 3;
  row.receipts_read = 1;
  message_changed(log.db, row, at(4), log.random);
  CHECK(log.body()["data"]["receipts"].dump() == R"({"delivered":3,"read":1,"total":4})");
}

TEST_CASE("message.failed says why, and whether to try again") {
  Log log;
  store::MessageRow row = test::outbound_row("msg_1");
  row.state = MessageState::FAILED;
  row.attempts = 1;
  row.failed_at = at(5);
  row.error_code = "RECIPIENT_NOT_ON_WHATSAPP";
  row.error_message = "the number is not on WhatsApp";
  row.error_details = "6280000000001";
  message_changed(log.db, row, at(5), log.random);
  const Json data = log.body()["data"];
  CHECK(log.body()["event_type"] == "message.failed");
  CHECK(data["attempts"] == 1);
  CHECK(data["failed_at"] == to_rfc3339(at(5)));
  CHECK(data["error"].dump() == R"({"code":"RECIPIENT_NOT_ON_WHATSAPP","message":"the number is not on WhatsApp",)"
                                R"("details":"6280000000001","retryable":false})");
  row.error_code = "REACHOUT_TIMELOCK";
  message_changed(log.db, row, at(6), log.random);
  CHECK(log.body()["data"]["error"]["retryable"] == true);
}

TEST_CASE("a state on the way is no event") {
  Log log;
  store::MessageRow row = test::outbound_row("msg_1");
  row.state = MessageState::SENDING;
  message_changed(log.db, row, at(0), log.random);
  CHECK(log.events().empty());
}

TEST_CASE("session.status tells what was, what is, and what to do") {
  Log log;
  log.session.status = SessionStatus::LOGGED_OUT;
  log.session.status_reason = "DEVICE_REMOVED";
  session_status(log.db, log.session, SessionStatus::CONNECTED, 401, at(0), log.random);
  CHECK(log.body()["data"].dump() ==
        R"({"session":{"id":"ses_a","name":"CS WhatsApp","phone_number":"6281234567890"},)"
        R"("previous_status":"CONNECTED","status":"LOGGED_OUT","status_reason":"DEVICE_REMOVED","wa_code":401,)"
        R"("action_required":"RESET_AND_SCAN"})");

  log.session.status = SessionStatus::CONNECTED;
  log.session.status_reason = "";
  log.session.phone_number = "";
  session_status(log.db, log.session, SessionStatus::CONNECTING, 0, at(0), log.random);
  CHECK(log.body()["data"].dump() == R"({"session":{"id":"ses_a","name":"CS WhatsApp"},)"
                                     R"("previous_status":"CONNECTING","status":"CONNECTED"})");
}

TEST_CASE("session.qr is of no use once the code has expired") {
  Log log;
  session_qr(log.db, "ses_a", {"https://wa.me/settings/linked_devices#2@x", 2, at(20), 4}, at(0), log.random);
  CHECK(Log::keys(log.body()["data"]) == Keys{"qr", "qr_sequence", "expires_at", "remaining_codes", "image_url"});
  CHECK(log.body()["data"]["image_url"] == "/api/v1/qr/ses_a/image");
  CHECK(log.deliveries().at(0).expires_at == at(20));
}

TEST_CASE("the outbound object begins with the documented keys") {
  store::MessageRow row = test::outbound_row("msg_abc123def456");
  row.state = MessageState::SENT;
  row.sent_at = at(2);
  row.attempts = 1;
  const Json json = message_json(row);
  CHECK(Log::keys(json) == Keys{"id", "session_id", "recipient", "message_type", "content", "status", "direction",
                                "created_at", "sent_at", "chat_id", "wa_message_id", "attempts"});
  CHECK(json["direction"] == "OUTBOUND");
}

TEST_CASE("text that is no UTF-8 does not lose the event") {
  Log log;
  store::MessageRow row = test::inbound_row("msg_1");
  row.content = "bad \xff octet";
  row.sender_name = "\xc3";
  message_received(log.db, row, at(0), log.random);
  CHECK(parse_json(log.events().back().body));
}

}  // namespace
}  // namespace konekwa::events
