#include "daemon/wa/prekeys.h"

#include "tests/support/seeded_random.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

namespace {

struct Device {
  konekwa::test::SeededRandom random{5};
  DeviceIdentity identity = generate_device_identity(random);
  PreKey prekey{258, generate_key_pair(random)};
};

// <user> of a key answer, as a server hands it out.
Node user_node(const Device& device, const Jid& jid) {
  Node user("user");
  user.set("jid", jid);
  user.add(registration_node(device.identity.registration_id));
  user.add(Node("type", {}, Bytes{5}));
  user.add(Node("identity", {}, to_bytes(device.identity.identity.public_key)));
  user.add(signed_prekey_node(device.identity.signed_prekey));
  user.add(prekey_node(device.prekey.id, device.prekey.key.public_key));
  return user;
}

Node answer_with(Node child) {
  Node iq("iq", {{"from", Jid::of_server()}, {"type", std::string("result")}, {"id", std::string("1")}});
  iq.add(std::move(child));
  return iq;
}

Node error_answer(const std::string& code) {
  Node iq("iq", {{"type", std::string("error")}});
  iq.add(Node("error", {{"code", code}, {"text", std::string("item-not-found")}}));
  return iq;
}

Node* child_of(Node& node, std::string_view tag) {
  for (Node& child : std::get<Node::Children>(node.content)) {
    if (child.tag == tag) return &child;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("prekey requests go to the server in xmlns encrypt") {
  CHECK(to_string(prekey_count_iq("1")) ==
        R"(<iq id="1" to="s.whatsapp.net" type="get" xmlns="encrypt"><count/></iq>)");
  CHECK(to_string(prekey_digest_iq("2")) ==
        R"(<iq id="2" to="s.whatsapp.net" type="get" xmlns="encrypt"><digest/></iq>)");
  CHECK(to_string(prekey_fetch_iq("3", {Jid::pn("6281234567890", 2), Jid::lid("1234")}, true)) ==
        R"(<iq id="3" to="s.whatsapp.net" type="get" xmlns="encrypt"><key>)"
        R"(<user jid="6281234567890:2@s.whatsapp.net" reason="identity"/>)"
        R"(<user jid="1234@lid" reason="identity"/></key></iq>)");
  CHECK_FALSE(prekey_fetch_iq("3", {Jid::lid("1234")}).child("key")->first_child()->has("reason"));
}

TEST_CASE("an upload carries everything of a device") {
  const Device device;
  const Node iq = prekey_upload_iq("4", device.identity, {device.prekey, {0xFFFFFF, device.prekey.key}});
  CHECK(iq.attr("type") == "set");
  CHECK(iq.child("registration")->bytes().size() == 4);
  CHECK(to_bytes(iq.child("type")->bytes()) == Bytes{5});
  CHECK(to_bytes(iq.child("identity")->bytes()) == to_bytes(device.identity.identity.public_key));
  const auto keys = iq.child("list")->children("key");
  REQUIRE(keys.size() == 2);
  CHECK(to_hex(keys[0]->child("id")->bytes()) == "000102");
  CHECK(parse_prekey_node(*keys[0])->second == device.prekey.key.public_key);
  CHECK(parse_prekey_node(*keys[1])->first == 0xFFFFFF);
  const Node& signed_prekey = *iq.child("skey");
  CHECK(parse_prekey_node(signed_prekey)->first == 1);
  CHECK(to_bytes(signed_prekey.child("signature")->bytes()) == to_bytes(device.identity.signed_prekey.signature));
}

TEST_CASE("prekey counts are read") {
  const auto count_of = [](const std::string& value) {
    return parse_prekey_count(answer_with(Node("count", {{"value", value}})));
  };
  CHECK(count_of("812") == 812);
  CHECK(count_of("0") == 0);
  CHECK(count_of("").error().code == ErrorCode::PROTOCOL);
  CHECK(count_of("-1").error().code == ErrorCode::PROTOCOL);
  CHECK(parse_prekey_count(Node("iq")).error().code == ErrorCode::PROTOCOL);
  CHECK(parse_prekey_count(error_answer("503")).error().code == ErrorCode::SERVER_REJECTED);
}

TEST_CASE("fetched bundles start a ratchet") {
  Device device;
  const Jid jid = Jid::pn("6281234567890", 2);
  Node user = user_node(device, jid);
  user.add(Node("device-identity", {}, to_bytes("adv")));
  Node list("list");
  list.add(std::move(user));
  const auto bundles = parse_prekey_fetch(answer_with(std::move(list)));
  REQUIRE(bundles);
  REQUIRE(bundles->size() == 1);
  const FetchedBundle& fetched = bundles->front();
  CHECK(fetched.device == jid);
  CHECK(fetched.device_identity == to_bytes("adv"));
  REQUIRE(fetched.bundle);
  CHECK(fetched.bundle->registration_id == device.identity.registration_id);
  CHECK(fetched.bundle->prekey->id == 258);
  SignalState state(generate_device_identity(device.random), nullptr, device.random);
  CHECK(state.start_session(jid, *fetched.bundle));
}

TEST_CASE("a bundle may have no one-time prekey, and keys may carry the type octet") {
  const Device device;
  Node user = user_node(device, Jid::lid("1234"));
  Node& identity = *child_of(user, "identity");
  identity.content = with_type_byte(device.identity.identity.public_key);
  child_of(*child_of(user, "skey"), "value")->content = with_type_byte(device.identity.signed_prekey.key.public_key);
  std::get<Node::Children>(user.content).pop_back();
  const auto bundle = parse_bundle(user, user);
  REQUIRE(bundle);
  CHECK_FALSE(bundle->prekey);
  CHECK(bundle->identity == device.identity.identity.public_key);
  CHECK(bundle->signed_prekey == device.identity.signed_prekey.key.public_key);
}

TEST_CASE("one bad device does not spoil the others") {
  const Device device;
  Node list("list");
  list.add(user_node(device, Jid::lid("1")));
  Node unknown("user", {{"jid", Jid::lid("2")}});
  unknown.add(Node("error", {{"code", std::string("404")}, {"text", std::string("item-not-found")}}));
  list.add(std::move(unknown));
  Node busy("user", {{"jid", Jid::lid("3")}});
  busy.add(Node("error", {{"code", std::string("503")}}));
  list.add(std::move(busy));
  Node damaged = user_node(device, Jid::lid("4"));
  child_of(damaged, "identity")->content = Bytes(31);
  list.add(std::move(damaged));
  const auto bundles = parse_prekey_fetch(answer_with(std::move(list)));
  REQUIRE(bundles);
  REQUIRE(bundles->size() == 4);
  CHECK((*bundles)[0].bundle);
  CHECK((*bundles)[1].bundle.error().code == ErrorCode::RECIPIENT_NOT_ON_WHATSAPP);
  CHECK((*bundles)[2].bundle.error().code == ErrorCode::SERVER_REJECTED);
  CHECK((*bundles)[3].bundle.error().code == ErrorCode::PROTOCOL);
}

TEST_CASE("key answers that are none are refused") {
  CHECK(parse_prekey_fetch(Node("iq")).error().code == ErrorCode::PROTOCOL);
  CHECK(parse_prekey_fetch(error_answer("406")).error().code == ErrorCode::SERVER_REJECTED);
  Node list("list");
  list.add(Node("user"));
  CHECK(parse_prekey_fetch(answer_with(std::move(list))).error().code == ErrorCode::PROTOCOL);
  CHECK(parse_prekey_fetch(answer_with(Node("list")))->empty());
}

TEST_CASE("parts of a wrong length are refused") {
  const Device device;
  for (const char* tag : {"registration", "identity", "skey", "key"}) {
    Node user = user_node(device, Jid::lid("1"));
    child_of(user, tag)->content = Bytes(5);
    CHECK(parse_bundle(user, user).error().code == ErrorCode::PROTOCOL);
  }
  Node user = user_node(device, Jid::lid("1"));
  child_of(*child_of(user, "skey"), "signature")->content = Bytes(63);
  CHECK_FALSE(parse_bundle(user, user));
  CHECK_FALSE(parse_prekey_node(Node("key")));
}

TEST_CASE("the digest hash has the value that other clients compute") {
  const auto public_of = [](std::uint8_t octet) {
    Key key;
    key.fill(octet);
    return key_pair_from_private(key).public_key;
  };
  const Bytes hash = digest_hash(public_of(1), public_of(2), Bytes(64, 7), {public_of(3), public_of(4)});
  CHECK(to_hex(hash) == "7745b6dccff17f21b239cfa3ec2fe3a53d6d6c4b");
}

TEST_CASE("a digest is read in both forms of its list") {
  const Device device;
  const bool is_wrapped = GENERATE(true, false);
  Node digest("digest");
  digest.add(registration_node(device.identity.registration_id));
  digest.add(Node("type", {}, Bytes{5}));
  digest.add(Node("identity", {}, to_bytes(device.identity.identity.public_key)));
  digest.add(signed_prekey_node(device.identity.signed_prekey));
  Node list("list");
  for (const std::uint32_t id : {1u, 2u, 0xFFFFFFu}) {
    Node id_node("id", {}, big_endian(id, 3));
    list.add(is_wrapped ? Node("key", {}, Node::Children{id_node}) : id_node);
  }
  digest.add(std::move(list)).add(Node("hash", {}, Bytes(20, 1)));
  const auto read = parse_digest(answer_with(digest));
  REQUIRE(read);
  CHECK(read->registration_id == device.identity.registration_id);
  CHECK(read->identity == device.identity.identity.public_key);
  CHECK(read->signed_prekey_id == 1);
  CHECK(read->signed_prekey == device.identity.signed_prekey.key.public_key);
  CHECK(read->signed_prekey_signature == to_bytes(device.identity.signed_prekey.signature));
  CHECK(read->prekey_ids == std::vector<std::uint32_t>{1, 2, 0xFFFFFF});
  CHECK(read->hash == Bytes(20, 1));

  child_of(digest, "hash")->content = Bytes(19);
  CHECK(parse_digest(answer_with(digest)).error().code == ErrorCode::PROTOCOL);
  CHECK(parse_digest(error_answer("404")).error().code == ErrorCode::SERVER_REJECTED);
  CHECK(parse_digest(answer_with(Node("digest"))).error().code == ErrorCode::PROTOCOL);
}
