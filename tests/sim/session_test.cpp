// What a session does in single situations, over the whole stack and on virtual time.
#include <catch2/catch.hpp>

#include "common/log.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"
#include "tests/sim/checkers.h"

using namespace konekwa;

namespace {

struct Rig {
  Rig() { log::set_level(log::Level::Off); }

  sim::World world{{}};
  const std::string& contact = world.contacts[0];

  store::MessageRow message(const std::string& text) {
    std::string id;
    world.disk().query("SELECT id FROM messages WHERE content = ?", {text},
                       [&](const store::Row& row) { id = row.text(0); });
    return store::messages::find(world.disk(), id).value_or(store::MessageRow{});
  }
  bool wait_for(const std::string& text, store::MessageState state) {
    return world.loop.run_until([&] { return message(text).state == state; }, minutes(5));
  }
  bool is_sound() { return world.drain(hours(1)) && sim::check(world).empty(); }
};

}  // namespace

TEST_CASE("a session shows codes, is scanned, and is connected under the phone's number") {
  Rig rig;
  rig.world.pair();
  CHECK(rig.world.wait_for_status("CONNECTED"));
  const auto row = store::sessions::find(rig.world.disk(), sim::kSession);
  CHECK(row->phone_number == rig.world.own_number);
  CHECK(row->connected_at.has_value());
  CHECK(row->endpoint_url == "ws://127.0.0.1:1/ws/chat");
}

TEST_CASE("codes that nobody scans run out after three windows, and connect shows new ones") {
  Rig rig;
  CHECK(rig.world.wait_for_status("WAITING_QR"));
  CHECK(rig.world.wait_for_status("DISCONNECTED QR_TIMEOUT", minutes(30)));
  rig.world.loop.advance(hours(1));
  CHECK(rig.world.status() == "DISCONNECTED QR_TIMEOUT");
  rig.world.connect();
  CHECK(rig.world.wait_for_status("WAITING_QR"));
  rig.world.pair();
  CHECK(rig.world.wait_for_status("CONNECTED"));
}

TEST_CASE("a window that WhatsApp ends before our last code has had its time is over too") {
  log::set_level(log::Level::Off);
  sim::WorldOptions options;
  options.qr_lifetimes = {seconds(60), seconds(19)};   // of which ours lives 20
  sim::World world(options);
  CHECK(world.wait_for_status("WAITING_QR"));
  std::vector<std::string> statuses;
  world.loop.run_until([&] {
    if (statuses.empty() || statuses.back() != world.status()) statuses.push_back(world.status());
    return world.status() == "DISCONNECTED QR_TIMEOUT";
  }, minutes(30));
  CHECK(statuses == std::vector<std::string>{"WAITING_QR", "DISCONNECTED QR_TIMEOUT"});
}

TEST_CASE("a message is sent, delivered and read, and each step is an event") {
  Rig rig;
  rig.world.pair();
  rig.world.accept(rig.contact, "hello");
  CHECK(rig.wait_for("hello", store::MessageState::DELIVERED));
  const auto row = rig.message("hello");
  CHECK(row.sent_at.has_value());
  CHECK(row.attempts == 1);
  REQUIRE(rig.world.network->read(rig.contact, row.wa_message_id));
  CHECK(rig.wait_for("hello", store::MessageState::READ));
  CHECK(rig.is_sound());
}

TEST_CASE("a number that is not on WhatsApp fails with its reason, and holds nobody up") {
  Rig rig;
  rig.world.pair();
  rig.world.accept("6280000000001", "to nobody");
  rig.world.accept(rig.contact, "to somebody");
  CHECK(rig.wait_for("to nobody", store::MessageState::FAILED));
  CHECK(rig.message("to nobody").error_code == "RECIPIENT_NOT_ON_WHATSAPP");
  CHECK(rig.wait_for("to somebody", store::MessageState::DELIVERED));
}

TEST_CASE("a message that could not be sent in time fails as expired") {
  Rig rig;
  rig.world.pair();
  rig.world.disconnect();
  CHECK(rig.world.wait_for_status("DISCONNECTED USER_REQUEST"));
  rig.world.accept(rig.contact, "too late");
  rig.world.loop.advance(hours(25));
  rig.world.connect();
  CHECK(rig.wait_for("too late", store::MessageState::EXPIRED));
  CHECK(rig.message("too late").error_code == "EXPIRED");
}

TEST_CASE("a message expires in time while its session is offline") {
  Rig rig;
  rig.world.pair();
  rig.world.disconnect();
  CHECK(rig.world.wait_for_status("DISCONNECTED USER_REQUEST"));
  rig.world.accept(rig.contact, "too late");
  rig.world.loop.advance(hours(24) + minutes(2));
  CHECK(rig.message("too late").state == store::MessageState::EXPIRED);
}

TEST_CASE("a scheduled message leaves when its time has come, and once, though newer ones left before it") {
  Rig rig;
  rig.world.pair();
  rig.world.accept(rig.contact, "later", minutes(10));
  rig.world.accept(rig.contact, "at once");
  CHECK(rig.wait_for("at once", store::MessageState::DELIVERED));
  CHECK(rig.message("later").state == store::MessageState::SCHEDULED);
  rig.world.restart_cleanly();
  rig.world.loop.advance(minutes(9));
  CHECK(rig.message("later").state == store::MessageState::SCHEDULED);
  CHECK(rig.wait_for("later", store::MessageState::DELIVERED));
  CHECK(rig.message("later").attempts == 1);
  CHECK(rig.is_sound());
}

TEST_CASE("a silent end of the connection is noticed within a minute") {
  Rig rig;
  rig.world.pair();
  CHECK(rig.world.wait_for_status("CONNECTED"));
  rig.world.black_hole();
  CHECK(rig.world.wait_for_status("DISCONNECTED NETWORK", seconds(60)));
  CHECK(rig.world.wait_for_status("CONNECTED"));
}

TEST_CASE("a disconnected session stays so over a restart, and its messages wait") {
  Rig rig;
  rig.world.pair();
  rig.world.disconnect();
  CHECK(rig.world.wait_for_status("DISCONNECTED USER_REQUEST"));
  rig.world.accept(rig.contact, "patience");
  rig.world.restart_cleanly();
  rig.world.loop.advance(minutes(10));
  CHECK(rig.world.status() == "DISCONNECTED USER_REQUEST");
  CHECK(rig.message("patience").state == store::MessageState::QUEUED);
  rig.world.connect();
  CHECK(rig.wait_for("patience", store::MessageState::DELIVERED));
  CHECK(rig.is_sound());
}

TEST_CASE("a damaged ratchet heals by retry receipts, in both directions") {
  Rig rig;
  rig.world.pair();
  rig.world.accept(rig.contact, "before");
  rig.world.say(rig.contact, "hello back");
  CHECK(rig.wait_for("before", store::MessageState::DELIVERED));
  REQUIRE(rig.world.network->corrupt_ratchet(rig.contact, rig.world.own_number));
  rig.world.accept(rig.contact, "after");
  CHECK(rig.wait_for("after", store::MessageState::DELIVERED));
  REQUIRE(rig.world.network->corrupt_ratchet(rig.contact, rig.world.own_number));
  rig.world.say(rig.contact, "from a broken ratchet");
  CHECK(rig.is_sound());
}

TEST_CASE("a device that the phone removed is logged out and stays so, with its keys kept") {
  Rig rig;
  rig.world.pair();
  REQUIRE(rig.world.network->unlink(rig.world.own_number, 1));
  CHECK(rig.world.wait_for_status("LOGGED_OUT DEVICE_REMOVED"));
  rig.world.loop.advance(hours(2));
  CHECK(rig.world.status() == "LOGGED_OUT DEVICE_REMOVED");
  CHECK(rig.world.disk().integer("SELECT count(*) FROM devices") == 1);
}

TEST_CASE("an outdated client reads the present version and comes back with it") {
  Rig rig;
  rig.world.pair();
  rig.world.receiver.pages["http://127.0.0.1:1/sw.js"] = R"({"client_revision":1999999999})";
  const auto set = rig.world.network->admin("POST", "/admin/version", R"({"minimum":"2.3000.1999999999"})");
  REQUIRE(set.status == 200);
  rig.world.cut();
  CHECK(rig.world.loop.run_until([&] { return rig.world.status() != "CONNECTED"; }, minutes(1)));
  CHECK(rig.world.wait_for_status("CONNECTED"));
}

TEST_CASE("a client that cannot learn the present version says that it is outdated, and tries again later") {
  Rig rig;
  rig.world.pair();
  REQUIRE(rig.world.network->admin("POST", "/admin/version", R"({"minimum":"2.3000.1999999999"})").status == 200);
  rig.world.cut();
  CHECK(rig.world.wait_for_status("CLIENT_OUTDATED CLIENT_OUTDATED"));
  rig.world.receiver.pages["http://127.0.0.1:1/sw.js"] = R"({"client_revision":1999999999})";
  CHECK(rig.world.wait_for_status("CONNECTED", hours(2)));
}

TEST_CASE("a connection that goes silent is noticed within a minute") {
  Rig rig;
  rig.world.pair();
  rig.world.loop.advance(seconds(5));
  rig.world.black_hole();
  const Time lost = rig.world.loop.now();
  CHECK(rig.world.loop.run_until([&] { return rig.world.status() != "CONNECTED"; }, minutes(2)));
  CHECK(rig.world.loop.now() - lost <= Duration(seconds(60)));
  CHECK(rig.world.wait_for_status("CONNECTED"));
}

TEST_CASE("messages that the server does not acknowledge go out again under the same id") {
  Rig rig;
  rig.world.pair();
  REQUIRE(rig.world.network->admin("POST", "/admin/faults", R"({"drop_acks":2})").status == 200);
  rig.world.accept(rig.contact, "unacknowledged");
  CHECK(rig.wait_for("unacknowledged", store::MessageState::DELIVERED));
  rig.world.accept(rig.contact, "next");
  CHECK(rig.is_sound());
}

TEST_CASE("a message that comes twice is received once, by its chat, sender and id") {
  Rig rig;
  rig.world.pair();
  REQUIRE(rig.world.network->admin("POST", "/admin/faults", R"({"duplicate_messages":1})").status == 200);
  rig.world.say(rig.contact, "twice");
  CHECK(rig.wait_for("twice", store::MessageState::RECEIVED));
  CHECK(rig.is_sound());
  const auto message = rig.message("twice");
  CHECK(store::messages::is_seen(rig.world.disk(), sim::kSession, message.sender_lid, message.sender_lid,
                                 message.wa_message_id));
}

TEST_CASE("a session tells when WhatsApp was last heard, and when it last took a message") {
  Rig rig;
  rig.world.pair();
  rig.world.loop.advance(seconds(5));
  const auto quiet = rig.world.liveness();
  REQUIRE(quiet.last_frame_at);
  CHECK_FALSE(quiet.last_ack_at);
  rig.world.accept(rig.contact, "hello");
  CHECK(rig.wait_for("hello", store::MessageState::DELIVERED));
  const auto busy = rig.world.liveness();
  CHECK(busy.last_ack_at > quiet.last_frame_at);
  CHECK(busy.last_frame_at >= busy.last_ack_at);
}

TEST_CASE("a phone that wants a passkey is told of, and codes come again after a while") {
  Rig rig;
  REQUIRE(rig.world.network->admin("POST", "/admin/faults", R"({"demand_passkey":1})").status == 200);
  CHECK(rig.world.wait_for_status("WAITING_QR"));
  CHECK_FALSE(rig.world.scan());
  CHECK(rig.world.wait_for_status("PASSKEY_REQUIRED", seconds(10)));
  CHECK_FALSE(rig.world.code());
  rig.world.loop.advance(seconds(90));   // past the life of the code
  CHECK(rig.world.status() == "PASSKEY_REQUIRED");
  CHECK(rig.world.wait_for_status("WAITING_QR"));
  rig.world.pair();
  CHECK(rig.world.wait_for_status("CONNECTED"));
}

TEST_CASE("a temporary ban is a restriction of the session") {
  Rig rig;
  rig.world.pair();
  REQUIRE(rig.world.network->admin("POST", "/admin/faults", R"({"login_failure":402})").status == 200);
  rig.world.cut();
  CHECK(rig.world.wait_for_status("BANNED TEMPORARY_BAN"));
  const auto row = store::sessions::find(rig.world.disk(), sim::kSession);
  CHECK(row->restrictions.find("TEMPORARY_BAN") != std::string::npos);
}
