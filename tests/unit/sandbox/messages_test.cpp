#include "daemon/wa/content.h"
#include "daemon/wa/stanzas.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

constexpr const char* kAnna = "6281234567890";
constexpr const char* kBudi = "6281234567891";

struct Pair : Town {
  Pair() {
    toko.link(kAnna);
    pelanggan.link(kBudi);
    toko.come_up();
    pelanggan.come_up();
    loop.advance(seconds(10));   // every device list is old enough to be complete
    toko.heard.clear();
    pelanggan.heard.clear();
  }
  std::vector<std::string> texts_at_phone(const std::string& number) const {
    std::vector<std::string> texts;
    for (const auto& seen : sandbox->inbox(number)) texts.push_back(seen.text);
    return texts;
  }
  Device toko{*this}, pelanggan{*this};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a text reaches every device of the recipient and the own phone", "[sandbox]") {
  Pair town;
  const wa::Node ack = town.toko.say(kBudi, "hello", "A1");
  CHECK(ack.attr("class") == "message");
  CHECK(ack.attr("id") == "A1");
  CHECK_FALSE(ack.has("error"));

  const auto message = town.pelanggan.last("message");
  REQUIRE(message);
  CHECK(message->jid("from") == town.toko.lid);
  CHECK(message->jid("sender_pn") == town.toko.pn.user_jid());
  CHECK(message->has("t"));
  CHECK_FALSE(message->has("offline"));
  CHECK(town.pelanggan.read(*message) == std::string("hello"));

  CHECK(town.texts_at_phone(kBudi) == Texts{"hello"});
  REQUIRE(town.sandbox->inbox(kAnna).size() == 1);
  CHECK(town.sandbox->inbox(kAnna)[0].from_me);
  CHECK(town.sandbox->inbox(kAnna)[0].chat == kBudi);
  CHECK(town.toko.last("receipt")->jid("from") == town.pelanggan.lid.user_jid());
  CHECK(town.sandbox->violations().empty());
}

TEST_CASE("a repeated message is acked and goes nowhere", "[sandbox]") {
  Pair town;
  const wa::Node message = town.toko.text_for(kBudi, "hello", "A1");
  town.toko.send(message);
  town.toko.send(message);
  CHECK(town.toko.all("ack").size() == 2);
  CHECK(town.pelanggan.all("message").size() == 1);
  CHECK(town.texts_at_phone(kBudi) == Texts{"hello"});
}

TEST_CASE("a repeated message goes again to the device that asked for it", "[sandbox]") {
  Pair town;
  town.toko.say(kBudi, "hello", "A1");
  const wa::Node received = *town.pelanggan.last("message");
  town.pelanggan.send(wa::retry_receipt(received, 1, town.pelanggan.identity, std::nullopt));
  CHECK(town.toko.last("receipt", "retry")->jid("from") == town.pelanggan.lid);
  town.toko.send(town.toko.text_for(kBudi, "hello", "A1"));
  CHECK(town.pelanggan.all("message").size() == 2);
  CHECK(town.texts_at_phone(kBudi) == Texts{"hello"});
}

TEST_CASE("a resend goes to the device that is named, and to no other", "[sandbox]") {
  Pair town;
  town.toko.say(kBudi, "hello", "A1");
  const auto ciphertext = town.toko.signal->encrypt(town.pelanggan.lid, wa::pad(wa::encode_text("again"), town.random));
  const std::string type(to_string(ciphertext->type));
  wa::Node enc("enc", {{"v", "2"}, {"type", type}, {"count", "1"}}, ciphertext->bytes);
  wa::Node resend("message", {{"to", town.pelanggan.lid}, {"id", "A1"}, {"type", "text"}, {"device_fanout", "false"}});
  resend.add(enc);
  resend.add(wa::Node("device-identity", {}, town.toko.account));
  town.toko.send(resend);
  REQUIRE(town.pelanggan.all("message").size() == 2);
  CHECK(town.pelanggan.last("message")->child("enc")->attr("count") == "1");
  CHECK(town.texts_at_phone(kBudi) == Texts{"hello"});
  CHECK(town.sandbox->violations().empty());
}

TEST_CASE("leaving out a device, of the recipient or of one's own, is a violation", "[sandbox]") {
  Pair town;
  SECTION("the recipient's") { town.toko.send(town.toko.text_for(kBudi, "x", "A1", {town.pelanggan.lid})); }
  SECTION("the own phone") { town.toko.send(town.toko.text_for(kBudi, "x", "A1", {town.toko.lid.user_jid()})); }
  CHECK(town.kinds_of_violations() == Texts{"fan-out"});
}

TEST_CASE("a device that the sender has not been told of may be left out", "[sandbox]") {
  Pair town;
  town.toko.say(kBudi, "we know each other", "A1");
  Device second(town);
  second.link(kBudi);
  town.loop.advance(minutes(1));
  const wa::Node news = *town.toko.last("notification", "devices");

  town.toko.send(town.toko.text_for(kBudi, "not told", "A2", {second.lid}));
  town.toko.send(wa::ack_of(news));
  town.toko.send(town.toko.text_for(kBudi, "just told", "A3", {second.lid}));
  CHECK(town.sandbox->violations().empty());
  town.loop.advance(minutes(1));
  town.toko.send(town.toko.text_for(kBudi, "told", "A4", {second.lid}));
  CHECK(town.kinds_of_violations() == Texts{"fan-out"});
}

TEST_CASE("what a pkmsg claims is checked", "[sandbox]") {
  Pair town;
  SECTION("no device identity") {
    wa::Node message = town.toko.text_for(kBudi, "x", "A1");
    std::get<wa::Node::Children>(message.content).pop_back();
    town.toko.send(message);
    for (const std::string& kind : town.kinds_of_violations()) CHECK(kind == "device-identity");
  }
  SECTION("the device identity of somebody else") {
    town.toko.account = town.pelanggan.account;
    town.toko.send(town.toko.text_for(kBudi, "x", "A1"));
    for (const std::string& kind : town.kinds_of_violations()) CHECK(kind == "device-identity");
  }
  SECTION("keys that are not the device's") {
    const wa::DeviceIdentity other = wa::generate_device_identity(town.random);
    town.toko.signal = std::make_unique<wa::SignalState>(other, nullptr, town.random);
    town.toko.send(town.toko.text_for(kBudi, "x", "A1"));
    for (const std::string& kind : town.kinds_of_violations()) CHECK(kind == "prekey-message");
  }
  CHECK_FALSE(town.sandbox->violations().empty());
}

TEST_CASE("a copy for the own phone has to be wrapped", "[sandbox]") {
  Pair town;
  wa::Node message = town.toko.text_for(kBudi, "x", "A1", {town.toko.lid.user_jid()});
  const auto bare = town.toko.signal->encrypt(town.pelanggan.lid, wa::pad(wa::encode_text("x"), town.random));
  REQUIRE(bare);
  // A good message first, so that there is a ratchet with the phone.
  town.toko.say(kBudi, "first", "A0");
  const auto copy = town.toko.signal->encrypt(town.toko.lid.user_jid(), wa::pad(wa::encode_text("x"), town.random));
  wa::Node enc("enc", {{"v", "2"}, {"type", std::string(to_string(copy->type))}}, copy->bytes);
  auto& participants = std::get<wa::Node::Children>(message.content)[0];
  participants.add(wa::Node("to", {{"jid", town.toko.lid.user_jid()}}, wa::Node::Children{enc}));
  town.toko.send(message);
  CHECK(town.kinds_of_violations() == Texts{"device-sent"});
}

TEST_CASE("mail of a device that is away waits, in order, until it is settled", "[sandbox]") {
  Pair town;
  town.pelanggan.hang_up();
  town.toko.say(kBudi, "one", "A1");
  town.toko.say(kBudi, "two", "A2");

  town.pelanggan.come_up();
  const auto messages = town.pelanggan.all("message");
  REQUIRE(messages.size() >= 2);
  const wa::Node& one = messages[messages.size() - 2];
  const wa::Node& two = messages[messages.size() - 1];
  CHECK(one.attr("id") == "A1");
  CHECK(two.attr("id") == "A2");
  CHECK(one.has("offline"));
  CHECK(town.pelanggan.all("ib").size() == 2);   // preview, then the end

  for (const wa::Node& message : messages) {
    town.pelanggan.send(wa::delivery_receipt(message, wa::ReceiptKind::Delivered));
  }
  for (const wa::Node& other : town.pelanggan.all("notification")) town.pelanggan.send(wa::ack_of(other));
  for (const wa::Node& other : town.pelanggan.all("receipt")) town.pelanggan.send(wa::ack_of(other));
  town.pelanggan.come_up();
  CHECK(town.pelanggan.all("message").empty());
}

TEST_CASE("a message to nobody, or to no group, is acked with 404", "[sandbox]") {
  Pair town;
  wa::Node message("message", {{"to", wa::Jid::pn("6280000000000")}, {"id", "A1"}, {"type", "text"}});
  town.toko.send(message);
  CHECK(town.toko.last("ack")->attr("error") == "404");
  message.set("to", wa::Jid{"120363000000000000", wa::Server::Group, 0});
  town.toko.send(message);
  CHECK(town.toko.last("ack")->attr("error") == "404");
}

TEST_CASE("a privacy token is given once, and has to be the right one", "[sandbox]") {
  Pair town;
  for (int i = 0; i < 2; ++i) {
    town.toko.ask(wa::privacy_token_iq(town.toko.new_id(), town.pelanggan.lid.user_jid(), town.loop.now()));
  }
  const auto notifications = town.pelanggan.all("notification", "privacy_token");
  REQUIRE(notifications.size() == 1);
  const wa::Node& given = *notifications[0].child("tokens")->child("token");

  wa::Node good = town.pelanggan.text_for(kAnna, "x", "B1");
  good.add(wa::Node("tctoken", {}, to_bytes(given.bytes())));
  town.pelanggan.send(good);
  CHECK(town.sandbox->violations().empty());

  wa::Node bad = town.pelanggan.text_for(kAnna, "x", "B2");
  bad.add(wa::Node("tctoken", {}, Bytes(32, 1)));
  town.pelanggan.send(bad);
  CHECK(town.kinds_of_violations() == Texts{"privacy-token"});
}

TEST_CASE("faults: acks that are dropped, connections that are cut, stanzas that come twice or late", "[sandbox]") {
  Pair town;
  SECTION("dropped") {
    town.admin("POST", "/admin/faults", R"({"drop_acks":1})");
    town.toko.send(town.toko.text_for(kBudi, "x", "A1"));
    CHECK(town.toko.all("ack").empty());
    town.toko.say(kBudi, "y", "A2");
  }
  SECTION("cut") {
    town.admin("POST", "/admin/faults", R"({"cut_after_messages":1})");
    town.toko.send(town.toko.text_for(kBudi, "x", "A1"));
    CHECK_FALSE(town.toko.is_connected());
    CHECK(town.toko.all("ack").empty());
  }
  SECTION("twice") {
    town.admin("POST", "/admin/faults", R"({"duplicate_messages":1})");
    town.toko.say(kBudi, "x", "A1");
    CHECK(town.pelanggan.all("message").size() == 2);
  }
  SECTION("receipts twice") {
    town.admin("POST", "/admin/faults", R"({"duplicate_receipts":1})");
    town.toko.say(kBudi, "x", "A1");
    CHECK(town.toko.all("receipt").size() == 2);
  }
  SECTION("receipts late") {
    town.admin("POST", "/admin/faults", R"({"late_receipts":1})");
    town.toko.say(kBudi, "x", "A1");
    CHECK(town.toko.all("receipt").empty());
    town.toko.say(kBudi, "y", "A2");
    REQUIRE(town.toko.all("receipt").size() == 2);
    CHECK(town.toko.all("receipt").back().attr("id") == "A1");
  }
  CHECK(town.texts_at_phone(kBudi).front() == "x");
}

}  // namespace konekwa::test
