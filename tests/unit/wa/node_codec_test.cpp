#include "daemon/wa/node_codec.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

namespace {

struct Vector {
  const char* what;
  Node node;
  const char* hex;
};

// Known answers: what other clients write for the same nodes.
std::vector<Vector> vectors() {
  Node offline("ib", {{"from", Jid::of_server()}});
  offline.add(Node("offline", {{"count", "0"}}));
  Node message("message", {{"to", Jid::pn("15551234567")}, {"id", "3EB0A1B2C3D4E5F60718293A"}, {"type", "text"}});
  message.add(Node("enc", {{"v", "2"}, {"type", "pkmsg"}}, *from_hex("33010203")));
  return {
      {"an iq result", Node("iq", {{"to", Jid::of_server()}, {"type", "result"}, {"id", "123.45-6"}}),
       "f8071911fa0003041408ff04123b45a6"},
      {"a ping", Node("iq", {{"id", "27.9-1"}, {"to", Jid::of_server()}, {"type", "get"}, {"xmlns", "w:p"}}),
       "f8091908ff0327b9a111fa000304291657"},
      {"the end of the offline queue", offline, "f804fc02696206fa0003f801f80312412d"},
      {"a successful login", Node("success", {{"t", "1700000000"}, {"lid", Jid::lid("100000012345678", 7)}}),
       "f8054c1aff05170000000076f70107ff88100000012345678f"},
      {"a message", message,
       "f8081311faff8615551234567f0308fb0c3eb0a1b2c3d4e5f60718293a0438f801f8061d51450453fc0433010203"},
  };
}

// <a to=VALUE/>, with the value as these octets.
Result<Node> decode_with_value(const std::string& hex) { return decode_node(*from_hex("f803fc016111" + hex)); }

Node with_value(AttrValue value) { return Node("a", {{"to", std::move(value)}}); }

std::string value_hex(AttrValue value) {
  const auto hex = to_hex(encode_node(with_value(std::move(value))));
  REQUIRE(hex.starts_with("f803fc016111"));
  return hex.substr(12);
}

}  // namespace

TEST_CASE("nodes encode to the known octets and decode back") {
  for (const auto& vector : vectors()) {
    INFO(vector.what);
    CHECK(to_hex(encode_node(vector.node)) == vector.hex);
    const auto decoded = decode_node(*from_hex(vector.hex));
    REQUIRE(decoded);
    CHECK(*decoded == vector.node);
  }
}

TEST_CASE("addresses and strings take the known forms") {
  CHECK(value_hex(Jid::pn("15551234567", 12)) == "f7000cff8615551234567f");
  CHECK(value_hex(*Jid::parse("120363021033254949@g.us")) == "faff091203630210332549491c");
  CHECK(value_hex(*Jid::parse("status@broadcast")) == "fa0b0d");
  CHECK(value_hex("3EB") == "fb823ebf");
  CHECK(value_hex("-.0123456789") == "ff06ab0123456789");
}

TEST_CASE("every form of an address decodes to the same type") {
  const auto jid_of = [](const std::string& hex) {
    const auto node = decode_with_value(hex);
    REQUIRE(node);
    REQUIRE(std::holds_alternative<Jid>(node->attrs.at(0).second));
    return to_string(*node->jid("to"));
  };
  CHECK(jid_of("f70000ff021234") == "1234@s.whatsapp.net");  // with ":0", as Baileys writes it
  CHECK(jid_of("f70105ff021234") == "1234:5@lid");
  CHECK(jid_of("f78005ff021234") == "1234:5@hosted");
  CHECK(jid_of("f78100ff021234") == "1234@hosted.lid");
  CHECK(jid_of("f70205ff021234") == "1234:5@s.whatsapp.net");  // a domain nobody knows
  CHECK(jid_of("f6ff0212340102fc046d736772") == "1234:258@msgr");
  CHECK(jid_of("f5ff02123400030004fc07696e7465726f70") == "4-1234:3@interop");
  CHECK(jid_of("fafc03313a3203") == "1:2@s.whatsapp.net");
}

TEST_CASE("what is not an address of a known server stays text") {
  const auto node = decode_with_value("faff021234fc07" + to_hex(as_bytes("example")));
  REQUIRE(node);
  CHECK(node->attrs.at(0).second == AttrValue("1234@example"));
  CHECK(decode_node(encode_node(*node)) == *node);

  const auto group_device = decode_with_value("f5ff021234000300041c");
  REQUIRE(group_device);
  CHECK(group_device->attrs.at(0).second == AttrValue("4-1234:3@g.us"));
  CHECK(decode_node(encode_node(*group_device)) == *group_device);
}

TEST_CASE("addresses survive a round trip in every form") {
  for (const char* text : {"1234@s.whatsapp.net", "1234:5@lid", "1234@hosted", "1234:7@hosted.lid", "1234:258@msgr",
                           "1234@msgr", "4-1234:3@interop", "1234@interop", "65536-1@interop", "1-2@g.us",
                           "9@newsletter", "s.whatsapp.net", "g.us", "5@bot", "5@c.us"}) {
    INFO(text);
    const auto jid = Jid::parse(text);
    REQUIRE(jid);
    CHECK(decode_node(encode_node(with_value(*jid))) == with_value(*jid));
  }
  // No address form has room for this device; the text says the same.
  const auto node = decode_node(encode_node(with_value(Jid::lid("1234", 300))));
  REQUIRE(node);
  CHECK(node->jid("to") == Jid::lid("1234", 300));
}

TEST_CASE("content of any form becomes octets") {
  const auto content = [](const std::string& hex) {
    const auto node = decode_node(*from_hex("f802fc0161" + hex));
    REQUIRE(node);
    REQUIRE(std::holds_alternative<Bytes>(node->content));
    return node->text();
  };
  CHECK(content("04") == "type");
  CHECK(content("ec01") == "active");
  CHECK(content("ff8112") == "1");
  CHECK(content("fb81a0") == "A");
  CHECK(content("fa" "ff021234" "03") == "1234@s.whatsapp.net");
  CHECK(content("fc00").empty());
  CHECK(content("fd00000161") == "a");
  CHECK(content("fdf0000161") == "a");  // the top nibble of the length is not looked at
  CHECK(content("fe0000000161") == "a");
}

TEST_CASE("an empty list of children is no content") {
  CHECK(to_hex(encode_node(Node("a", {}, Node::Children{}))) == "f802fc016100");
  const auto node = decode_node(*from_hex("f802fc016100"));
  REQUIRE(node);
  CHECK(std::holds_alternative<std::monostate>(node->content));
}

TEST_CASE("empty attributes are not written") {
  CHECK(to_hex(encode_node(Node("a", {{"type", ""}}))) == "f801fc0161");
}

TEST_CASE("octets of any length survive a round trip") {
  for (const std::size_t size : {0u, 1u, 255u, 256u, 0xfffffu, 0x100000u, 0x100001u}) {
    INFO(size);
    const Node node("a", {}, Bytes(size, 0x5a));
    CHECK(decode_node(encode_node(node)) == node);
  }
}

TEST_CASE("many children and attributes survive a round trip") {
  Node node("list");
  for (int i = 0; i < 300; ++i) node.set("key" + std::to_string(i), std::to_string(i)).add(Node("item"));
  CHECK(decode_node(encode_node(node)) == node);
}

TEST_CASE("damaged stanzas are refused") {
  const std::pair<const char*, const char*> damaged[] = {
      {"", "nothing"},
      {"00", "an empty list"},
      {"f800", "a list of nothing"},
      {"f801", "no tag"},
      {"f80100", "an empty tag"},
      {"f801fc0161ff", "octets behind"},
      {"f803fc0161", "attributes cut off"},
      {"f803fc0161000a", "an empty attribute name"},
      {"f803fc016111fc05ab", "a value cut short"},
      {"f801f0", "octet 240"},
      {"f801f4", "octet 244"},
      {"f801f8", "a list as a tag"},
      {"f803fc016111ff01c0", "a nibble of 12"},
      {"f803fc016111ff011f", "padding where a digit belongs"},
      {"f803fc016111ff80", "odd length zero"},
      {"f803fc016111fafc013100", "an address without a server"},
      {"f803fc016111f7000100", "a device without a user"},
      {"f803fc016111fafaff02123403", "an address inside an address"},
      {"f802fc0161f9ffff", "a list longer than its stanza"},
      {"f802fc0161feffffffff", "octets longer than the stanza"},
  };
  for (const auto& [hex, why] : damaged) {
    INFO(why);
    const auto node = decode_node(*from_hex(hex));
    REQUIRE_FALSE(node);
    CHECK(node.error().code == ErrorCode::PROTOCOL);
  }
}

TEST_CASE("nesting is limited") {
  const auto nested = [](std::size_t depth) {
    Node node("leaf");
    for (std::size_t i = 1; i < depth; ++i) {
      Node parent("a");
      parent.add(std::move(node));
      node = std::move(parent);
    }
    return encode_node(node);
  };
  CHECK(decode_node(nested(kNodeDepthMax)));
  CHECK_FALSE(decode_node(nested(kNodeDepthMax + 1)));
}

TEST_CASE("tags, keys and values have a limit, and octets have that of their frame") {
  constexpr std::size_t kMax = 64 * 1024;
  const auto with_value = [](std::size_t size) { return encode_node(Node("a", {{"b", std::string(size, 'z')}})); };
  CHECK(decode_node(with_value(kMax)));
  CHECK_FALSE(decode_node(with_value(kMax + 1)));
  CHECK_FALSE(decode_node(encode_node(Node(std::string(kMax + 1, 'z')))));
  CHECK(decode_node(encode_node(Node("a", {}, Bytes(1 << 20)))));
}

TEST_CASE("a stanza may not unfold into millions of nodes") {
  Node node("a", {}, Node::Children(60'000, Node("b", {}, Node::Children(5, Node("c")))));
  CHECK_FALSE(decode_node(encode_node(node)));
}

TEST_CASE("frame plaintexts are packed plain and unpacked either way") {
  const auto vector = vectors().back();
  const auto packed = pack_node(vector.node);
  CHECK(to_hex(packed) == std::string("00") + vector.hex);
  CHECK(unpack_node(packed) == vector.node);

  Bytes deflated{2};
  append(deflated, zlib_deflate(*from_hex(vector.hex)));
  CHECK(unpack_node(deflated) == vector.node);
}

TEST_CASE("damaged or oversized deflated frames are refused") {
  CHECK_FALSE(unpack_node({}));
  CHECK_FALSE(unpack_node(Bytes{0}));
  CHECK_FALSE(unpack_node(Bytes{2}));

  auto stream = zlib_deflate(as_bytes("hello"));
  CHECK(zlib_inflate(stream, 5) == to_bytes("hello"));
  CHECK_FALSE(zlib_inflate(stream, 4));
  CHECK_FALSE(zlib_inflate(ByteView(stream).first(stream.size() - 1), 5));
  stream.push_back(0);
  CHECK_FALSE(zlib_inflate(stream, 5));

  Bytes bomb{2};
  append(bomb, zlib_deflate(Bytes(kInflatedBytesMax + 1)));
  const auto refused = unpack_node(bomb);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().details.find("longer") != std::string::npos);
}
