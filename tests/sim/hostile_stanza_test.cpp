// Stanzas, frames and answers that no good server would hand on or give. To add an attack, add a row.
#include <catch2/catch.hpp>

#include "daemon/sandbox/companion.h"
#include "daemon/wa/groups.h"
#include "daemon/wa/node_codec.h"
#include "tests/sim/hostile_stage.h"

using namespace konekwa;
using namespace konekwa::sim;

namespace {

constexpr int kDeep = 100;
constexpr int kMany = 50'000;
const std::string kHuge(1 << 20, '7');
const std::string kNoText = "\xff\xfe\x80";

struct Attack {
  const char* name;
  void (*run)(Stage& stage);
  bool leaves_mail = false;      // it cannot be settled, even by a client that does all right
};

void check(const Attack& attack, Stage& stage) {
  INFO(attack.name);
  stage.leaves_mail = attack.leaves_mail;
  CHECK(stage.attack(attack.run) == std::vector<std::string>{});
}

wa::Node nested(int depth) {
  wa::Node node("leaf");
  for (int i = 0; i < depth; ++i) node = wa::Node("branch", {}, wa::Node::Children{std::move(node)});
  return node;
}

wa::Node many(const char* tag, const wa::Node::Attrs& attrs = {}, const char* list = "list") {
  wa::Node out(list);
  for (int i = 0; i < kMany; ++i) out.add(wa::Node(tag, attrs));
  return out;
}

wa::Node sealed_text(Stage& stage) {
  wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(wa::encode_text("x")));
  return HostilePeer::enc(std::string(to_string(sealed.type)), std::move(sealed.bytes));
}

// A message whose ciphertext is good, and whose stanza is not.
void deliver_with(Stage& stage, const std::function<void(wa::Node&)>& spoil) {
  wa::Node stanza = stage.peer.stanza(stage.peer.new_id());
  stanza.add(sealed_text(stage));
  spoil(stanza);
  stage.peer.deliver(std::move(stanza));
}

template <class... Values>
void deliver_with_each(Stage& stage, const char* attribute, const Values&... values) {
  const auto one = [&](auto value) {
    deliver_with(stage, [&](wa::Node& stanza) {
      stanza.erase(attribute);
      stanza.set(attribute, value);
    });
  };
  (one(values), ...);
}

// --- messages ---

void without_attributes(Stage& stage) {
  for (const char* name : {"from", "id", "t", "type"}) {
    deliver_with(stage, [&](wa::Node& stanza) { stanza.erase(name); });
  }
}
void odd_times(Stage& stage) {
  deliver_with_each(stage, "t", "-1", "0", "99999999999", "9999999999999999999999", "now", "1e9", kNoText);
}
void odd_senders(Stage& stage) {
  deliver_with_each(stage, "from", wa::Jid::of_server(), wa::Jid::lid(""), wa::Jid{"1", wa::Server::Group, 0},
                    wa::Jid{"status", wa::Server::Broadcast, 0}, wa::Jid{"5", wa::Server::Newsletter, 0},
                    wa::Jid{"6", wa::Server::Bot, 0}, std::string("@@"), kNoText, std::string(5000, 'a') + "@lid");
}
void odd_ids(Stage& stage) {
  deliver_with_each(stage, "id", kNoText, std::string("\0\1\2", 3), std::string(300, 'i'), std::string("'; --"));
}
void huge_attributes(Stage& stage) {
  for (const char* name : {"id", "notify", "type", "t", "recipient", "participant", "sender_pn", "other"}) {
    deliver_with_each(stage, name, kHuge);
  }
}
void odd_names(Stage& stage) {
  deliver_with_each(stage, "notify", kNoText, std::string("\n\r\t\0x", 5), std::string(50'000, 'n'));
}
void many_attributes(Stage& stage) {
  deliver_with(stage, [](wa::Node& stanza) {
    for (int i = 0; i < 30'000; ++i) stanza.set(fmt::format("a{}", i), "1");
  });
}
void many_ciphertexts(Stage& stage) {
  deliver_with(stage, [&](wa::Node& stanza) {
    // Under another ratchet key, so that each costs a step of the ratchet before its MAC is seen to be wrong.
    const wa::Node good = sealed_text(stage);
    Bytes octets = to_bytes(good.bytes());
    octets[8] ^= 1;
    const wa::Node damaged = HostilePeer::enc(good.attr("type"), octets);
    for (int i = 0; i < kMany / 2; ++i) stanza.add(damaged).add(good);
  });
}
void nested_children(Stage& stage) {
  deliver_with(stage, [](wa::Node& stanza) { stanza.add(nested(20)); });
  deliver_with(stage, [](wa::Node& stanza) { stanza.add(nested(kDeep)); });
}
void for_own_devices_alone(Stage& stage) {
  for (const Sample& sample : samples()) {
    if (sample.name != "app_state_keys" && sample.name != "history" && sample.name != "device_sent") continue;
    wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(sample.message));
    wa::Node stanza = stage.peer.stanza(stage.peer.new_id());
    stanza.set("category", "peer").add(HostilePeer::enc(std::string(to_string(sealed.type)), std::move(sealed.bytes)));
    stage.peer.deliver(std::move(stanza));
  }
}
void unavailable(Stage& stage) {
  wa::Node stanza = stage.peer.stanza(stage.peer.new_id());
  stanza.add(wa::Node("unavailable", {{"type", "view_once"}})).add(nested(10));
  stage.peer.deliver(std::move(stanza));
}

constexpr Attack kMessages[] = {
    {"messages without attributes", without_attributes, true},
    {"odd times", odd_times, true},
    {"odd senders", odd_senders, true},
    {"odd ids", odd_ids},
    {"odd names", odd_names},
    {"huge attributes", huge_attributes, true},
    {"many attributes", many_attributes},
    {"many ciphertexts", many_ciphertexts},
    {"nested children", nested_children, true},
    {"what own devices tell each other", for_own_devices_alone},
    {"unavailable", unavailable},
};

// --- receipts ---

wa::Node receipt(Stage& stage, const std::string& type) {
  wa::Node out("receipt", {{"from", stage.peer.address()}, {"id", stage.peer.new_id()}, {"type", type}});
  out.set_number("t", unix_seconds(stage.world.loop.now()));
  return out;
}

std::string id_of_a_message_to(Stage& stage, const std::string& number) {
  static int count = 0;
  const std::string text = fmt::format("asked for {}", ++count);
  stage.world.accept(number, text);
  stage.world.loop.run_until([&] { return stage.message(text).state == store::MessageState::DELIVERED; }, minutes(5));
  return stage.message(text).wa_message_id;
}

wa::Node retry_for(Stage& stage, const std::string& id, Bytes registration) {
  wa::Node out = receipt(stage, "retry");
  out.erase("id");
  out.set("id", id);
  out.add(wa::Node("retry", {{"count", "1"}, {"id", id}, {"v", "1"}}));
  return out.add(wa::Node("registration", {}, std::move(registration)));
}

void odd_receipts(Stage& stage) {
  for (const char* type : {"", "inactive", "read", "read-self", "played", "sender", "peer_msg", "hist_sync",
                           "server-error", "enc_rekey_retry", "odd"}) {
    wa::Node plain = receipt(stage, type);
    stage.peer.deliver(plain);
    stage.peer.deliver(plain.add(many("item", {{"id", "3EB0"}})));
    wa::Node deep = receipt(stage, type);
    stage.peer.deliver(deep.add(nested(20)));
    wa::Node timeless = receipt(stage, type);
    timeless.erase("t");
    timeless.set("t", "-5");
    stage.peer.deliver(timeless);
  }
}
void receipts_of_groups(Stage& stage) {
  for (const char* type : {"", "read"}) {
    wa::Node out("receipt", {{"from", stage.group}, {"id", "3EB0"}, {"type", type}});
    stage.peer.deliver(out);
    wa::Node people = many("user", {{"jid", wa::Jid::lid("77")}}, "participants");
    people.set("key", "3EB0");
    out.set("participant", stage.peer.address()).add(std::move(people));
    stage.peer.deliver(out);
  }
}
void odd_retries(Stage& stage) {
  const std::string id = id_of_a_message_to(stage, stage.peer.number());
  stage.peer.deliver(receipt(stage, "retry"));
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{5000}}) {
    wa::Node retry = retry_for(stage, id, Bytes(size, 9));
    stage.peer.deliver(retry);
    wa::Node keys("keys");
    stage.peer.deliver(retry.add(keys));
  }
  wa::Node lying = retry_for(stage, id, Bytes(4, 9));
  wa::Node keys("keys");
  keys.add(wa::Node("identity", {}, Bytes(32, 1)));
  wa::Node skey("skey");
  skey.add(wa::Node("id", {}, Bytes(3, 1))).add(wa::Node("value", {}, Bytes(32, 2)));
  skey.add(wa::Node("signature", {}, Bytes(64, 3)));
  keys.add(std::move(skey));
  stage.peer.deliver(lying.add(std::move(keys)));
  for (int i = 0; i < 50; ++i) stage.peer.deliver(retry_for(stage, id, Bytes(4, 9)));
}

constexpr Attack kReceipts[] = {
    {"odd receipts", odd_receipts},
    {"receipts of groups", receipts_of_groups},
    {"odd retry receipts", odd_retries},
};

// --- notifications, calls and the rest ---

wa::Node notification(Stage& stage, const char* type) {
  wa::Node out("notification", {{"from", stage.peer.address()}, {"id", stage.peer.new_id()}, {"type", type}});
  out.set_number("t", unix_seconds(stage.world.loop.now()));
  return out;
}

constexpr const char* kNotifications[] = {"encrypt",     "devices", "account_sync", "privacy_token", "mediaretry",
                                          "w:gp2",       "picture", "server_sync",  "status",        "contacts",
                                          "link_code_companion_reg", "psa", "business", "newsletter", "odd"};

void empty_notifications(Stage& stage) {
  for (const char* type : kNotifications) stage.peer.deliver(notification(stage, type));
}
void notifications_with_octets(Stage& stage) {
  for (const char* type : kNotifications) {
    wa::Node out = notification(stage, type);
    out.content = stage.world.random.bytes(5000);
    stage.peer.deliver(out);
  }
}
void notifications_of_odd_senders(Stage& stage) {
  for (const char* type : kNotifications) {
    for (const wa::Jid& from : {wa::Jid::of_server(), stage.group, wa::Jid{"5", wa::Server::Newsletter, 0},
                                wa::Jid::lid("99"), wa::Jid::pn(stage.world.own_number)}) {
      wa::Node out = notification(stage, type);
      out.erase("from");
      out.set("from", from).add(nested(10)).add(wa::Node("count", {{"value", "99999999999999"}}));
      if (from == wa::Jid::pn(stage.world.own_number) && std::string(type) == "devices") continue;
      stage.peer.deliver(out);
    }
  }
}
void crowded_notifications(Stage& stage) {
  for (const char* type : kNotifications) {
    wa::Node out = notification(stage, type);
    for (const char* tag : {"update", "remove", "add", "tokens", "encrypt", "set", "collection", "devices"}) {
      out.add(many("device", {{"jid", wa::Jid::lid("99", 5)}, {"id", "7"}}, tag));
    }
    for (wa::Node& child : std::get<wa::Node::Children>(out.content)) {
      std::get<wa::Node::Children>(child.content).resize(kMany / 10);
    }
    stage.peer.deliver(out);
  }
}
void changes_of_groups(Stage& stage) {
  for (const char* tag :
       {"create", "add", "remove", "leave", "promote", "demote", "subject", "description", "announcement", "ephemeral",
        "membership_approval_mode", "member_add_mode", "delete", "odd"}) {
    wa::Node out = notification(stage, "w:gp2");
    out.erase("from");
    out.set("from", wa::Jid{"120363000000000001", wa::Server::Group, 0}).set("participant", stage.peer.address());
    wa::Node change = many("participant", {{"jid", wa::Jid::lid("99")}, {"phone_number", kNoText}}, tag);
    change.set("subject", kNoText).set("expiration", "-9999999999999").set("id", std::string(50'000, '7'));
    change.add(wa::Node("body", {}, Bytes(1 << 20, 0xFF))).add(wa::Node("group", {{"id", std::string(50'000, '7')}}));
    stage.peer.deliver(out.add(std::move(change)));
  }
}
void media_retries(Stage& stage) {
  for (const char* id : {"", "3EB0", "\xff"}) {
    wa::Node out = notification(stage, "mediaretry");
    out.erase("id");
    out.set("id", id);
    wa::Node sealed("encrypt");
    sealed.add(wa::Node("enc_p", {}, Bytes(50, 1))).add(wa::Node("enc_iv", {}, Bytes(12, 1)));
    stage.peer.deliver(out);
    stage.peer.deliver(out.add(std::move(sealed)).add(wa::Node("rmr", {{"jid", "@"}})));
    stage.peer.deliver(out.add(wa::Node("error", {{"code", "99999999999999999999"}})));
  }
}
void calls_and_others(Stage& stage) {
  for (const char* tag : {"call", "ib", "ack", "iq", "success", "presence", "chatstate", "error", "handoff", "odd"}) {
    stage.send(wa::Node(tag));
    stage.send(wa::Node(tag, {{"id", kNoText}, {"from", "@"}, {"type", "get"}, {"class", "message"}, {"lid", "@"}}));
    stage.send(wa::Node(tag, {{"id", "1"}}, wa::Node::Children{nested(20), many("item"), wa::Node("dirty")}));
    stage.send(wa::Node(tag, {{"id", "1"}}, wa::Node::Children{wa::Node("edge_routing")}));
    stage.send(wa::Node(tag, {{"id", "1"}, {"type", "result"}}, stage.world.random.bytes(4000)));
  }
}
void ends_of_the_stream(Stage& stage) {
  for (const char* code : {"500", "503", "516", "99999999999999999999", ""}) {
    stage.send(wa::Node("stream:error", {{"code", code}}, wa::Node::Children{nested(20)}));
    stage.world.loop.advance(minutes(3));
  }
  stage.send(wa::Node("xmlstreamend"));
}

constexpr Attack kOthers[] = {
    {"empty notifications", empty_notifications},
    {"notifications with octets", notifications_with_octets},
    {"notifications of odd senders", notifications_of_odd_senders},
    {"crowded notifications", crowded_notifications},
    {"changes of groups", changes_of_groups},
    {"media retries", media_retries, true},
    {"calls, acks and other stanzas", calls_and_others},
    {"ends of the stream", ends_of_the_stream},
};

// --- frames ---

void send_flagged(Stage& stage, std::uint8_t flags, const Bytes& body) {
  stage.send_packed(concat({Bytes{flags}, body}));
}

void odd_frames(Stage& stage) {
  stage.send_packed({});
  for (const int flags : {0, 1, 2, 3, 255}) {
    send_flagged(stage, static_cast<std::uint8_t>(flags), {});
    send_flagged(stage, static_cast<std::uint8_t>(flags), stage.world.random.bytes(1000));
  }
}
void frames_cut_short(Stage& stage) {
  wa::Node stanza = stage.peer.stanza("1");
  const Bytes whole = wa::encode_node(stanza.add(sealed_text(stage)));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    send_flagged(stage, 0, to_bytes(ByteView(whole).first(size)));
  }
  send_flagged(stage, 0, concat({whole, whole}));
  const Bytes deflated = wa::zlib_deflate(whole);
  for (std::size_t size = 0; size < deflated.size(); size += 7) {
    send_flagged(stage, 2, to_bytes(ByteView(deflated).first(size)));
  }
  send_flagged(stage, 2, concat({deflated, deflated}));
}
void bombs(Stage& stage) {
  send_flagged(stage, 2, wa::zlib_deflate(Bytes(64 << 20, 0)));
  send_flagged(stage, 2, wa::zlib_deflate(wa::zlib_deflate(Bytes(64 << 20, 0))));
  send_flagged(stage, 2, wa::zlib_deflate(wa::encode_node(wa::Node("message", {{"id", std::string(8 << 20, '7')}}))));
}
void bombs_of_nodes(Stage& stage) {
  wa::Node crowd("message", {{"id", "1"}});
  for (int i = 0; i < 60'000; ++i) crowd.add(wa::Node("enc", {{"v", "2"}, {"type", "msg"}}));
  send_flagged(stage, 2, wa::zlib_deflate(wa::encode_node(crowd)));
  wa::Node wide("iq", {{"type", "get"}});
  for (int i = 0; i < 8; ++i) wide.add(many("x"));
  send_flagged(stage, 2, wa::zlib_deflate(wa::encode_node(wide)));
}
void deep_frames(Stage& stage) {
  for (const int depth : {31, 32, 33, kDeep, 1'000'000}) {
    Bytes body;
    for (int i = 0; i < depth; ++i) append(body, Bytes{0xF8, 2, 19, 0xF8, 1});   // a list, a tag, one child
    append(body, Bytes{0xF8, 1, 19});
    send_flagged(stage, 2, wa::zlib_deflate(body));
  }
}
// What is echoed in an answer is longer there than it was, and a frame has a limit.
void echoes_that_fit_no_frame(Stage& stage) {
  const std::string id((16 << 20) - 100, 'z'), half((8 << 20) + 100, 'z');
  const auto send = [&](const wa::Node& node) { send_flagged(stage, 2, wa::zlib_deflate(wa::encode_node(node))); };
  for (const std::string& text : {id, half}) {
    for (const char* tag : {"message", "notification", "receipt", "call"}) {
      send(wa::Node(tag, {{"id", text}, {"from", stage.peer.address()}, {"t", "1773137400"}}));
    }
    wa::Node ping("iq", {{"id", text}, {"from", wa::Jid::of_server()}, {"type", "get"}, {"xmlns", "urn:xmpp:ping"}});
    send(ping);
    wa::Node refused = stage.peer.stanza(text);
    send(refused.add(HostilePeer::enc("msg", Bytes(50, 3))));
  }
}

constexpr Attack kFrames[] = {
    {"odd frames", odd_frames},
    {"frames cut short", frames_cut_short},
    {"bombs", bombs},
    {"bombs of nodes", bombs_of_nodes},
    {"deep frames", deep_frames},
    {"echoes that fit no frame", echoes_that_fit_no_frame},
};

// --- answers ---

struct Spoiling {
  const char* name;
  void (*spoil)(wa::Node& answer);
};

void for_each_node(wa::Node& node, const std::function<void(wa::Node&)>& visit) {
  if (auto* children = std::get_if<wa::Node::Children>(&node.content)) {
    for (wa::Node& child : *children) {
      visit(child);
      for_each_node(child, visit);
    }
  }
}
void for_each_value(wa::Node& answer, const std::function<void(std::string&)>& visit) {
  for_each_node(answer, [&](wa::Node& node) {
    for (auto& [key, value] : node.attrs) {
      if (auto* text = std::get_if<std::string>(&value)) visit(*text);
    }
  });
}
void for_each_octets(wa::Node& answer, const std::function<void(Bytes&)>& visit) {
  for_each_node(answer, [&](wa::Node& node) {
    if (auto* octets = std::get_if<Bytes>(&node.content)) visit(*octets);
  });
}

void emptied(wa::Node& answer) { answer.content = {}; }
void hollow(wa::Node& answer) {
  if (!answer.children().empty()) answer.content = wa::Node::Children{wa::Node(answer.first_child()->tag)};
}
void made_an_error(wa::Node& answer) {
  answer.erase("type");
  answer.set("type", "error");
  answer.content = {};
}
void made_an_odd_error(wa::Node& answer) {
  made_an_error(answer);
  answer.add(wa::Node("error", {{"code", kNoText}, {"text", std::string(5000, '\xff')}}));
}
void made_octets(wa::Node& answer) { answer.content = Bytes(3000, 0xAA); }
void nameless(wa::Node& answer) {
  for_each_node(answer, [](wa::Node& node) { node.attrs.clear(); });
}
void values_huge(wa::Node& answer) {
  for_each_value(answer, [](std::string& value) { value = std::string(20'000, '9'); });
}
void values_negative(wa::Node& answer) {
  for_each_value(answer, [](std::string& value) { value = "-1"; });
}
void values_no_text(wa::Node& answer) {
  for_each_value(answer, [](std::string& value) { value = kNoText; });
}
void people_exchanged(wa::Node& answer) {
  for_each_node(answer, [](wa::Node& node) {
    for (auto& [key, value] : node.attrs) {
      if (std::holds_alternative<wa::Jid>(value)) value = wa::Jid::lid("99", 9);
    }
  });
}
void octets_flipped(wa::Node& answer) {
  for_each_octets(answer, [](Bytes& octets) {
    if (!octets.empty()) octets[octets.size() / 2] ^= 0x10;
  });
}
void octets_missing(wa::Node& answer) {
  for_each_octets(answer, [](Bytes& octets) { octets.clear(); });
}
void octets_huge(wa::Node& answer) {
  for_each_octets(answer, [](Bytes& octets) { octets.resize(100'000, 5); });
}
void children_many(wa::Node& answer) {
  for_each_node(answer, [](wa::Node& node) {
    auto* children = std::get_if<wa::Node::Children>(&node.content);
    if (!children || children->empty() || !children->front().children().empty()) return;
    const wa::Node first = children->front();
    while (children->size() < kMany / 5) children->push_back(first);
  });
}
// As many devices as have a number.
void devices_many(wa::Node& answer) {
  for_each_node(answer, [](wa::Node& node) {
    if (node.tag != "device-list") return;
    for (int id = 1; id < 65'000; ++id) node.add(wa::Node("device", {{"id", std::to_string(id)}, {"key-index", "1"}}));
  });
}
void deep_inside(wa::Node& answer) { answer.content = wa::Node::Children{nested(kDeep)}; }
void never_given(wa::Node& answer) { answer.tag = "lost"; }

constexpr Spoiling kSpoilings[] = {
    {"emptied", emptied},
    {"hollow", hollow},
    {"made an error", made_an_error},
    {"made an odd error", made_an_odd_error},
    {"made octets", made_octets},
    {"without attributes", nameless},
    {"values huge", values_huge},
    {"values negative", values_negative},
    {"values no text", values_no_text},
    {"about somebody else", people_exchanged},
    {"octets flipped", octets_flipped},
    {"octets missing", octets_missing},
    {"octets huge", octets_huge},
    {"children many", children_many},
    {"devices many", devices_many},
    {"deep inside", deep_inside},
    {"never given", never_given},
};

// What makes the session ask, of everything that it asks.
void make_it_ask(Stage& stage) {
  const std::string stranger = stage.world.network->create_account("stranger");
  stage.world.accept(stranger, "to a stranger");
  stage.world.accept(to_string(stage.group), "to the group");
  stage.world.accept_image(stage.bystander, "a picture");
  stage.world.loop.advance(minutes(2));
  stage.world.cut();
  stage.world.loop.advance(minutes(2));
}

void check_all(std::span<const Attack> attacks) {
  Stage stage;
  for (const Attack& attack : attacks) check(attack, stage);
}

}  // namespace

TEST_CASE("odd messages cost nothing but themselves", "[hostile]") { check_all(kMessages); }
TEST_CASE("odd receipts do no harm", "[hostile]") { check_all(kReceipts); }
TEST_CASE("odd notifications and other stanzas do no harm", "[hostile]") { check_all(kOthers); }
TEST_CASE("odd frames do no harm", "[hostile]") { check_all(kFrames); }

TEST_CASE("spoiled answers of the server are got over", "[hostile]") {
  for (const Spoiling& spoiling : kSpoilings) {
    INFO("answers " << spoiling.name);
    Stage stage;
    const auto findings = stage.attack([&](Stage& on) {
      on.network().tamper = [&spoiling](wa::Node& node) {
        if (node.tag == "iq") spoiling.spoil(node);
      };
      make_it_ask(on);
    });
    CHECK(findings == std::vector<std::string>{});
    const auto is_over = [&] {
      return stage.count("SELECT count(*) FROM messages WHERE state IN ('QUEUED', 'SENDING')") == 0;
    };
    CHECK(stage.world.loop.run_until(is_over, minutes(30)));
  }
}

TEST_CASE("who is not in a chat gets none of it by asking again", "[hostile]") {
  Stage stage;
  const std::string id = id_of_a_message_to(stage, stage.bystander);
  const std::string text = [&] {
    std::string content;
    stage.world.disk().query("SELECT content FROM messages WHERE wa_message_id = ?", {id},
                             [&](const store::Row& row) { content = row.text(0); });
    return content;
  }();
  REQUIRE(!text.empty());
  CHECK(stage.attack([&](Stage& on) { on.peer.deliver(retry_for(on, id, Bytes(4, 9))); }) ==
        std::vector<std::string>{});
  CHECK(stage.peer.texts_shown(text) == 0);
}
