#include "daemon/wa/stanzas.h"

#include "tests/support/seeded_random.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

namespace {

const Jid kPeer = Jid::pn("6281234567890", 3);
const Jid kGroup{"120363021033254949", Server::Group, 0};
const Time kNow = from_unix_seconds(1700000000);

Node stanza(std::string tag, Node::Attrs attrs) { return Node(std::move(tag), std::move(attrs)); }
AttrValue text(const char* value) { return std::string(value); }

Node message() {
  return stanza("message",
                {{"from", kPeer}, {"id", text("3EB0AB")}, {"t", text("1699999999")}, {"type", text("text")}});
}

struct Device {
  konekwa::test::SeededRandom random{8};
  DeviceIdentity identity = generate_device_identity(random);
  PreKey prekey{7, generate_key_pair(random)};
};

}  // namespace

TEST_CASE("an iq is answered to where it came from") {
  const Node from_server = stanza("iq", {{"from", Jid::of_server()}, {"id", text("9")}, {"type", text("get")}});
  CHECK(to_string(iq_result(from_server)) == R"(<iq to="s.whatsapp.net" type="result" id="9"/>)");
  const Node from_client = stanza("iq", {{"to", Jid::of_server()}, {"id", text("9")}, {"type", text("get")}});
  CHECK(to_string(iq_result(from_client)) == R"(<iq from="s.whatsapp.net" type="result" id="9"/>)");
  CHECK(to_string(iq_error(from_client, 404, "item-not-found")) ==
        R"(<iq from="s.whatsapp.net" type="error" id="9"><error code="404" text="item-not-found"/></iq>)");
}

TEST_CASE("the small requests have the form of WhatsApp Web") {
  CHECK(to_string(ping_iq("1")) == R"(<iq id="1" to="s.whatsapp.net" type="get" xmlns="w:p"/>)");
  CHECK(to_string(active_iq("2")) == R"(<iq id="2" to="s.whatsapp.net" type="set" xmlns="passive"><active/></iq>)");
  CHECK(to_string(remove_companion_iq("3", kPeer)) ==
        R"(<iq id="3" to="s.whatsapp.net" type="set" xmlns="md"><remove-companion-device )"
        R"(jid="6281234567890:3@s.whatsapp.net" reason="user_initiated"/></iq>)");
  CHECK(to_string(privacy_token_iq("4", kPeer, kNow)) ==
        R"(<iq id="4" to="s.whatsapp.net" type="set" xmlns="privacy"><tokens>)"
        R"(<token jid="6281234567890@s.whatsapp.net" t="1700000000" type="trusted_contact"/></tokens></iq>)");
}

TEST_CASE("an ack echoes what it must, with addresses as addresses") {
  const Node receipt =
      stanza("receipt", {{"from", kGroup}, {"participant", kPeer}, {"id", text("A")}, {"type", text("read")}});
  const Node ack = ack_of(receipt);
  CHECK(to_string(ack) == R"(<ack class="receipt" id="A" to="120363021033254949@g.us" )"
                          R"(participant="6281234567890:3@s.whatsapp.net" type="read"/>)");
  for (const auto& [key, value] : ack.attrs) {
    if (key == "to" || key == "participant") CHECK(std::holds_alternative<Jid>(value));
  }
  CHECK(to_string(ack_of(message(), 491)) ==
        R"(<ack class="message" id="3EB0AB" to="6281234567890:3@s.whatsapp.net" error="491"/>)");
  Node copy = message();
  copy.set("recipient", Jid::lid("1234"));
  CHECK(ack_of(copy).jid("recipient") == Jid::lid("1234"));
}

TEST_CASE("receipt kinds have the type attribute as name") {
  for (const auto& [type, kind] : std::initializer_list<std::pair<const char*, ReceiptKind>>{
           {"", ReceiptKind::Delivered}, {"inactive", ReceiptKind::Inactive}, {"read", ReceiptKind::Read},
           {"read-self", ReceiptKind::ReadSelf}, {"played", ReceiptKind::Played}, {"sender", ReceiptKind::Sender},
           {"peer_msg", ReceiptKind::PeerMessage}, {"hist_sync", ReceiptKind::HistorySync},
           {"retry", ReceiptKind::Retry}, {"server-error", ReceiptKind::ServerError}, {"other", ReceiptKind::Other}}) {
    CHECK(to_string(kind) == type);
    Node node = stanza("receipt", {{"from", kPeer}, {"id", text("A")}});
    if (*type) node.set("type", type);
    CHECK(parse_receipt(node, kNow)->kind == kind);
  }
}

TEST_CASE("a receipt names all its messages") {
  Node node = stanza("receipt", {{"from", kGroup}, {"participant", kPeer}, {"recipient", Jid::lid("5")},
                                 {"id", text("A")}, {"type", text("read")}, {"t", text("1699999998")}});
  Node list("list");
  list.add(stanza("item", {{"id", text("B")}})).add(stanza("item", {{"id", text("A")}})).add(Node("item"));
  node.add(std::move(list));
  const auto receipt = parse_receipt(node, kNow);
  REQUIRE(receipt);
  CHECK(receipt->from == kGroup);
  CHECK(receipt->participant == kPeer);
  CHECK(receipt->recipient == Jid::lid("5"));
  CHECK(receipt->message_ids == std::vector<std::string>{"A", "B"});
  CHECK(receipt->at == from_unix_seconds(1699999998));
  node.set("t", "9223372036854775807");
  CHECK(parse_receipt(node, kNow)->at == kNow);
  node.erase("t");
  CHECK(parse_receipt(node, kNow)->at == kNow);
  node.erase("id");
  CHECK_FALSE(parse_receipt(node, kNow));
  CHECK_FALSE(parse_receipt(stanza("receipt", {{"id", text("A")}}), kNow));
}

TEST_CASE("a receipt names so many messages and no more") {
  Node list("list");
  for (int i = 0; i < 50'000; ++i) list.add(Node("item", {{"id", std::to_string(i)}}));
  Node node = stanza("receipt", {{"from", kPeer}, {"id", text("3EB0AB")}});
  node.add(std::move(list));
  CHECK(parse_receipt(node, kNow)->message_ids.size() == 4096);
}

TEST_CASE("a delivery receipt goes back to the sender") {
  CHECK(to_string(delivery_receipt(message(), ReceiptKind::Delivered)) ==
        R"(<receipt id="3EB0AB" to="6281234567890:3@s.whatsapp.net"/>)");
  CHECK(delivery_receipt(message(), ReceiptKind::Inactive).attr("type") == "inactive");
  Node copy = message();
  copy.set("recipient", Jid::lid("1234"));
  CHECK(to_string(delivery_receipt(copy, ReceiptKind::Sender)) ==
        R"(<receipt id="3EB0AB" to="6281234567890:3@s.whatsapp.net" recipient="1234@lid" type="sender"/>)");
  Node in_group = stanza("message", {{"from", kGroup}, {"participant", kPeer}, {"id", text("A")}});
  CHECK(delivery_receipt(in_group, ReceiptKind::Delivered).jid("participant") == kPeer);
  CHECK(delivery_receipt(message(), ReceiptKind::HistorySync).jid("to") == kPeer.user_jid());
}

TEST_CASE("a retry receipt asks again, and brings keys the second time") {
  const Device own;
  const Node first = retry_receipt(message(), 1, own.identity, std::nullopt);
  CHECK(first.attr("type") == "retry");
  CHECK(to_string(*first.child("retry")) == R"(<retry count="1" id="3EB0AB" t="1699999999" v="1"/>)");
  CHECK(first.child("registration")->bytes().size() == 4);
  CHECK_FALSE(first.child("keys"));

  const Node second = retry_receipt(message(), 2, own.identity, RetryKeys{own.prekey, to_bytes("adv")});
  const Node& keys = *second.child("keys");
  CHECK(keys.child("device-identity")->text() == "adv");
  CHECK(keys.child("identity")->bytes().size() == 32);

  Node peer = message();
  peer.set("category", "peer");
  CHECK(retry_receipt(peer, 1, own.identity, std::nullopt).attr("category") == "peer");
}

TEST_CASE("a retry receipt is read by the sender, and its keys start a ratchet") {
  Device own;
  Node receipt = retry_receipt(message(), 2, own.identity, RetryKeys{own.prekey, {}});
  receipt.erase("to");
  receipt.set("from", kPeer);
  const auto request = parse_retry_receipt(receipt);
  REQUIRE(request);
  CHECK(request->requester == kPeer);
  CHECK(request->message_id == "3EB0AB");
  CHECK(request->count == 2);
  CHECK(request->registration_id == own.identity.registration_id);
  REQUIRE(request->bundle);
  SignalState state(generate_device_identity(own.random), nullptr, own.random);
  CHECK(state.start_session(kPeer, *request->bundle));

  receipt.set("from", kGroup).set("participant", kPeer);
  CHECK(parse_retry_receipt(receipt)->requester == kPeer);
}

TEST_CASE("between two people nobody asks again for another") {
  Device own;
  Node receipt = retry_receipt(message(), 1, own.identity, std::nullopt);
  receipt.set("from", kPeer).set("participant", Jid::lid("99", 2));
  CHECK(parse_retry_receipt(receipt)->requester == kPeer);
  receipt.set("from", kGroup);
  CHECK(parse_retry_receipt(receipt)->requester == Jid::lid("99", 2));
}

TEST_CASE("keys of 33 octets in a retry receipt are read") {
  const Device own;
  Node receipt = retry_receipt(message(), 2, own.identity, RetryKeys{own.prekey, {}});
  receipt.set("from", kPeer);
  for (Node& child : std::get<Node::Children>(receipt.content)) {
    if (child.tag != "keys") continue;
    for (Node& part : std::get<Node::Children>(child.content)) {
      if (part.tag != "key" && part.tag != "skey") continue;
      Node& value = std::get<Node::Children>(part.content)[1];
      value.content = concat({Bytes{5}, value.bytes()});
    }
  }
  const auto request = parse_retry_receipt(receipt);
  REQUIRE(request);
  CHECK(request->bundle->prekey->key == own.prekey.key.public_key);
}

TEST_CASE("retry receipts that lack something are refused") {
  const Device own;
  const auto is_refused = [](const Node& node) {
    const auto result = parse_retry_receipt(node);
    return !result && result.error().code == ErrorCode::PROTOCOL;
  };
  Node receipt = retry_receipt(message(), 2, own.identity, RetryKeys{own.prekey, {}});
  receipt.set("from", kPeer);
  auto& children = std::get<Node::Children>(receipt.content);
  REQUIRE_FALSE(is_refused(receipt));
  SECTION("no sender") {
    receipt.erase("from");
    CHECK(is_refused(receipt));
  }
  SECTION("no device") {
    receipt.set("from", kGroup);
    CHECK(is_refused(receipt));
  }
  SECTION("no retry") {
    children[0].tag = "other";
    CHECK(is_refused(receipt));
  }
  SECTION("a registration id of a wrong length") {
    children[1].content = Bytes(3);
    CHECK(is_refused(receipt));
  }
  SECTION("damaged keys") {
    std::get<Node::Children>(children[2].content).pop_back();
    CHECK(is_refused(receipt));
  }
  SECTION("a count out of range is brought into it") {
    children[0].set("count", "99999999999");
    CHECK(parse_retry_receipt(receipt)->count == 1000);
    children[0].erase("count");
    CHECK(parse_retry_receipt(receipt)->count == 1);
  }
}

TEST_CASE("what a message stanza says is read") {
  Node node = message();
  node.set("notify", "Penjual").set("sender_lid", Jid::lid("1234", 3)).set("offline", "0");
  const auto info = parse_message_info(node);
  REQUIRE(info);
  CHECK(info->id == "3EB0AB");
  CHECK(info->from == kPeer);
  CHECK(info->sender == kPeer);
  CHECK(info->sender_alternate == Jid::lid("1234", 3));
  CHECK_FALSE(info->recipient);
  CHECK(info->push_name == "Penjual");
  CHECK(info->type == "text");
  CHECK(info->at == from_unix_seconds(1699999999));
  CHECK(info->is_offline);
  CHECK_FALSE(info->is_peer);
  CHECK_FALSE(info->is_group);
}

TEST_CASE("a message from a LID names the number as the alternate") {
  Node node = message();
  node.set("from", Jid::lid("1234", 3)).set("sender_pn", kPeer).set("category", "peer");
  const auto info = parse_message_info(node);
  CHECK(info->sender_alternate == kPeer);
  CHECK(info->is_peer);
}

TEST_CASE("a copy of an own message names the chat in both forms") {
  Node node = message();
  node.set("recipient", Jid::lid("99")).set("peer_recipient_pn", Jid::pn("6281111111111"));
  const auto info = parse_message_info(node);
  CHECK(info->recipient == Jid::lid("99"));
  CHECK(info->recipient_alternate == Jid::pn("6281111111111"));
}

TEST_CASE("in a group the participant is the sender") {
  Node node = message();
  node.set("from", kGroup);
  CHECK_FALSE(parse_message_info(node));
  node.set("participant", Jid::lid("1234", 3)).set("participant_pn", kPeer);
  const auto info = parse_message_info(node);
  REQUIRE(info);
  CHECK(info->is_group);
  CHECK(info->from == kGroup);
  CHECK(info->sender == Jid::lid("1234", 3));
  CHECK(info->sender_alternate == kPeer);
}

TEST_CASE("messages that lack something are refused") {
  for (const char* key : {"id", "from", "t"}) {
    Node node = message();
    node.erase(key);
    CHECK(parse_message_info(node).error().code == ErrorCode::PROTOCOL);
  }
  Node node = message();
  node.set("t", "-1");
  CHECK_FALSE(parse_message_info(node));
  node.set("t", "1").set("notify", "\xFF");
  CHECK(parse_message_info(node)->push_name.empty());
  node.set("id", "\xFF");
  CHECK_FALSE(parse_message_info(node));
}

TEST_CASE("stanza ids have the form of WhatsApp Web") {
  konekwa::test::SeededRandom random(1);
  const std::string id = new_stanza_id(kPeer, kNow, random);
  CHECK(id.size() == 22);
  CHECK(id.starts_with("3EB0"));
  CHECK(id.find_first_not_of("0123456789ABCDEF") == std::string::npos);
  CHECK(new_stanza_id(kPeer, kNow, random) != id);
}
