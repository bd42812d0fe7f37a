#include "daemon/wa/handshake.h"

#include <catch2/catch.hpp>

#include "proto/handshake.pb.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/wa/known_keys.h"

using namespace konekwa;
using namespace konekwa::wa;
using konekwa::test::SeededRandom;
using konekwa::wa::test::FixedRandom;
using konekwa::wa::test::known_key;

namespace {

proto::HandshakeMessage parse(ByteView frame) {
  proto::HandshakeMessage message;
  REQUIRE(message.ParseFromArray(frame.data(), static_cast<int>(frame.size())));
  return message;
}
Bytes serialize(const proto::HandshakeMessage& message) { return to_bytes(message.SerializeAsString()); }
std::string hex(std::string_view octets) { return to_hex(as_bytes(octets)); }

struct Known {
  FixedRandom client_chance{1}, server_chance{2};
  ClientHandshake client{known_key(4), to_bytes("payload"), client_chance};
  ServerHandshake server{{known_key(3), to_bytes("cert")}, server_chance};
};

}  // namespace

TEST_CASE("both ends speak XX as recorded, and end with the same keys") {
  Known ends;
  const auto hello = ends.client.hello();
  CHECK(hex(parse(hello).client_hello().ephemeral()) == to_hex(known_key(1).public_key));
  CHECK_FALSE(parse(hello).client_hello().has_static_());

  const auto server_hello = ends.server.answer_client_hello(hello);
  REQUIRE(server_hello);
  const auto answer = parse(*server_hello).server_hello();
  CHECK(hex(answer.static_()) ==
        "fd776e5ac83278eaa8282906d9c8c8f268eac01a9ef277646e51a8e2afdb1370b487f827f6f56d540f7e005d38b1c082");
  CHECK(hex(answer.payload()) == "603982b13bd8fb597262c764d59170fd166f28d0");

  const auto claim = ends.client.read_server_hello(*server_hello);
  REQUIRE(claim);
  CHECK(claim->static_key == known_key(3).public_key);
  CHECK(claim->certificate_chain == to_bytes("cert"));
  const auto finish = ends.client.finish();
  REQUIRE(finish);
  const auto sent = parse(finish->frame).client_finish();
  CHECK(hex(sent.static_()) ==
        "98b08948a4c0638806d85dee2d9aff0ccdee594e210d474dae3dfda2ae4a71f86a7033669b1abab52b3e7f0c462a56a0");
  CHECK(hex(sent.payload()) == "4d2b72ad2d7cb3c1ad5c4cacdf01b2f0470ef62b7d9fca");

  const auto accepted = ends.server.read_client_finish(finish->frame);
  REQUIRE(accepted);
  CHECK(accepted->client_static_key == known_key(4).public_key);
  CHECK(accepted->client_payload == to_bytes("payload"));
  CHECK(accepted->keys.client_to_server == finish->keys.client_to_server);
  CHECK(accepted->keys.server_to_client == finish->keys.server_to_client);
  CHECK(to_hex(finish->keys.client_to_server) == "d59d660312965c55bf62a9f4f0b8af37e99990cdeb94c9656d8cad71ac29a713");
}

TEST_CASE("a server answers a client that tries IK with XXfallback") {
  Known ends;
  proto::HandshakeMessage ik;
  ik.mutable_client_hello()->set_ephemeral(to_string(ByteView(known_key(1).public_key)));
  ik.mutable_client_hello()->set_static_(std::string(48, 'x'));
  ik.mutable_client_hello()->set_payload(std::string(23, 'x'));
  const auto server_hello = ends.server.answer_client_hello(serialize(ik));
  REQUIRE(server_hello);
  const auto answer = parse(*server_hello).server_hello();
  CHECK(hex(answer.static_()) ==
        "3d16415e7a9dbc33e3461b192c4139c3e2bbabe028a2268151bbb31de3f6edbf8a98a682d933b5c3900e878944f0ccbc");
  CHECK(hex(answer.payload()) == "7cc8221bf01c4877b13e817a3c5913c366b12770");

  proto::HandshakeMessage finish;
  finish.mutable_client_finish()->set_static_(to_string(ByteView(*from_hex(
      "97e2b2597286982da3addcc913e5456ccd03cd2e9ff45a06ec2ea1f1274e6bf619c7d57f8834092fd1b4337d77fe5627"))));
  finish.mutable_client_finish()->set_payload(
      to_string(ByteView(*from_hex("a04d7132a7ff23e22031c3f4b2bad89a4f9a78ca55d94b"))));
  const auto accepted = ends.server.read_client_finish(serialize(finish));
  REQUIRE(accepted);
  CHECK(accepted->client_payload == to_bytes("payload"));
  CHECK(to_hex(accepted->keys.client_to_server) == "082dfccc8fa402caeb030473bc9b3c9ae4edaa9996f07a8d5208d5c1b69bc92f");
  CHECK(to_hex(accepted->keys.server_to_client) == "05c27f925aa7c528fc7b7eb6c93f120f9c1833c07fd51ce154b30b4707f9c1dd");
}

TEST_CASE("random handshakes agree") {
  SeededRandom random(5);
  for (int i = 0; i < 20; ++i) {
    const auto client_key = generate_key_pair(random), server_key = generate_key_pair(random);
    const auto payload = random.bytes(random.below(500));
    ClientHandshake client(client_key, payload, random);
    ServerHandshake server({server_key, random.bytes(200)}, random);
    const auto server_hello = server.answer_client_hello(client.hello());
    REQUIRE(server_hello);
    REQUIRE(client.read_server_hello(*server_hello));
    const auto finish = client.finish();
    REQUIRE(finish);
    const auto accepted = server.read_client_finish(finish->frame);
    REQUIRE(accepted);
    CHECK(accepted->client_payload == payload);
    CHECK(accepted->keys.server_to_client == finish->keys.server_to_client);
  }
}

TEST_CASE("any changed octet of a server hello is noticed") {
  Known ends;
  const auto server_hello = *ends.server.answer_client_hello(ends.client.hello());
  for (std::size_t i = 0; i < server_hello.size(); ++i) {
    auto changed = server_hello;
    changed[i] ^= 1;
    FixedRandom chance(1);
    ClientHandshake client(known_key(4), to_bytes("payload"), chance);
    CHECK_FALSE(client.read_server_hello(changed));
  }
}

TEST_CASE("handshake messages out of order or damaged are refused") {
  Known ends;
  CHECK_FALSE(ends.server.read_client_finish(ends.client.hello()));
  CHECK_FALSE(ends.server.answer_client_hello({}));
  CHECK_FALSE(ends.server.answer_client_hello(to_bytes("\xff\xff")));
  CHECK_FALSE(ends.client.read_server_hello(ends.client.hello()));

  proto::HandshakeMessage weak;
  weak.mutable_client_hello()->set_ephemeral(std::string(32, '\0'));
  CHECK_FALSE(ends.server.answer_client_hello(serialize(weak)));
  weak.mutable_client_hello()->set_ephemeral(std::string(31, 'x'));
  CHECK_FALSE(ends.server.answer_client_hello(serialize(weak)));
}
