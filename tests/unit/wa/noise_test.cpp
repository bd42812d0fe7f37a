// Known answers of a whole handshake, step by step.
#include "daemon/wa/noise.h"

#include <catch2/catch.hpp>

#include "daemon/wa/frame.h"
#include "daemon/wa/node_codec.h"
#include "tests/unit/wa/known_keys.h"

using namespace konekwa;
using namespace konekwa::wa;
using konekwa::wa::test::known_key;

namespace {

const KeyPair kClientEphemeral = known_key(1), kServerEphemeral = known_key(2);
const KeyPair kServer = known_key(3), kClient = known_key(4);

std::string hex(ByteView octets) { return to_hex(octets); }

}  // namespace

TEST_CASE("a transcript of XX as the client computes it") {
  SymmetricState noise(kNoiseXx);
  noise.mix_hash(kClientEphemeral.public_key);
  CHECK(hex(noise.hash()) == "0019031be1b0506972e4f4e2cb9de0dec5350cb635a4e6b4eea81a50f20d0f11");

  noise.mix_hash(kServerEphemeral.public_key);
  REQUIRE(noise.mix_agreement(kClientEphemeral.private_key, kServerEphemeral.public_key));
  CHECK(noise.open(*from_hex("fd776e5ac83278eaa8282906d9c8c8f268eac01a9ef277646e51a8e2afdb1370"
                             "b487f827f6f56d540f7e005d38b1c082")) == to_bytes(kServer.public_key));
  REQUIRE(noise.mix_agreement(kClientEphemeral.private_key, kServer.public_key));
  CHECK(noise.open(*from_hex("603982b13bd8fb597262c764d59170fd166f28d0")) == to_bytes("cert"));

  CHECK(hex(noise.seal(kClient.public_key)) ==
        "98b08948a4c0638806d85dee2d9aff0ccdee594e210d474dae3dfda2ae4a71f86a7033669b1abab52b3e7f0c462a56a0");
  REQUIRE(noise.mix_agreement(kClient.private_key, kServerEphemeral.public_key));
  CHECK(hex(noise.seal(as_bytes("payload"))) == "4d2b72ad2d7cb3c1ad5c4cacdf01b2f0470ef62b7d9fca");

  const auto keys = noise.split();
  CHECK(hex(keys.client_to_server) == "d59d660312965c55bf62a9f4f0b8af37e99990cdeb94c9656d8cad71ac29a713");
  CHECK(hex(keys.server_to_client) == "ebfac90df0075830db36b1b3e120544e9100db99dc73b6b9b8e2804e456497b6");

  CipherState sending(keys.client_to_server);
  const Node ping("iq", {{"id", "27.9-1"}, {"to", Jid::of_server()}, {"type", "get"}, {"xmlns", "w:p"}});
  CHECK(hex(frame(*sending.seal({}, pack_node(ping)))) ==
        "000022ed4ce67b6ec05a08db7074871576413246fdb3cbc02e9e9c42da42d106c39fef68a3");
}

TEST_CASE("a transcript of XXfallback as the server computes it") {
  SymmetricState noise(kNoiseXxFallback);
  noise.mix_hash(kClientEphemeral.public_key);
  CHECK(hex(noise.hash()) == "43f1075603cfcba07cfabebeed67240ecf2e44feec563f77a7e155c9bb8bbabc");

  noise.mix_hash(kServerEphemeral.public_key);
  REQUIRE(noise.mix_agreement(kServerEphemeral.private_key, kClientEphemeral.public_key));
  CHECK(hex(noise.seal(kServer.public_key)) ==
        "3d16415e7a9dbc33e3461b192c4139c3e2bbabe028a2268151bbb31de3f6edbf8a98a682d933b5c3900e878944f0ccbc");
  REQUIRE(noise.mix_agreement(kServer.private_key, kClientEphemeral.public_key));
  CHECK(hex(noise.seal(as_bytes("cert"))) == "7cc8221bf01c4877b13e817a3c5913c366b12770");

  CHECK(noise.open(*from_hex("97e2b2597286982da3addcc913e5456ccd03cd2e9ff45a06ec2ea1f1274e6bf6"
                             "19c7d57f8834092fd1b4337d77fe5627")) == to_bytes(kClient.public_key));
  REQUIRE(noise.mix_agreement(kServerEphemeral.private_key, kClient.public_key));
  CHECK(noise.open(*from_hex("a04d7132a7ff23e22031c3f4b2bad89a4f9a78ca55d94b")) == to_bytes("payload"));

  const auto keys = noise.split();
  CHECK(hex(keys.client_to_server) == "082dfccc8fa402caeb030473bc9b3c9ae4edaa9996f07a8d5208d5c1b69bc92f");
  CHECK(hex(keys.server_to_client) == "05c27f925aa7c528fc7b7eb6c93f120f9c1833c07fd51ce154b30b4707f9c1dd");
}

TEST_CASE("a transcript of IK as the client computes it") {
  SymmetricState noise(kNoiseIk);
  noise.mix_hash(kServer.public_key);
  noise.mix_hash(kClientEphemeral.public_key);
  REQUIRE(noise.mix_agreement(kClientEphemeral.private_key, kServer.public_key));
  CHECK(hex(noise.seal(kClient.public_key)) ==
        "74fdbd1ea2c4d61010355de633f298a8686bc7730709b858a5b2020f1ac0905b69ba97553b0179878631bfff5eba14cb");
  REQUIRE(noise.mix_agreement(kClient.private_key, kServer.public_key));
  CHECK(hex(noise.seal(as_bytes("payload"))) == "3ddc566df028d9ce4ebbacfa563dcee8cefab904ecf705");

  noise.mix_hash(kServerEphemeral.public_key);
  REQUIRE(noise.mix_agreement(kClientEphemeral.private_key, kServerEphemeral.public_key));
  REQUIRE(noise.mix_agreement(kClient.private_key, kServerEphemeral.public_key));
  CHECK(noise.open(*from_hex("d89ac0bc17fdbd0bfe78880758d21953720ac9de")) == to_bytes("cert"));

  const auto keys = noise.split();
  CHECK(hex(keys.client_to_server) == "c057f1a17709ec853ffea794ed82e7a00c08c37fe8f2ba02e4f6b3f07ceac6ba");
  CHECK(hex(keys.server_to_client) == "6889ab126c5329cc2a3b9da97d6689153f1616eb890e7ac4040727ab1a4fc001");
}

TEST_CASE("frames open in order, once") {
  CipherState sending(kClient.public_key), receiving(kClient.public_key);
  const auto first = *sending.seal({}, as_bytes("1")), second = *sending.seal({}, as_bytes("2"));
  CHECK(first != second);
  CHECK(receiving.open({}, first) == to_bytes("1"));
  CHECK_FALSE(receiving.open({}, first));
}
