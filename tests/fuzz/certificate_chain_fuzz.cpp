// Certificate chains of a server that may not be the one it claims to be.
#include "common/error.h"
#include "daemon/wa/certificate.h"
#include "proto/handshake.pb.h"
#include "tests/fuzz/patches.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;
using konekwa::test::patched;
using konekwa::test::SeededRandom;

namespace {

const Time kNow = from_unix_seconds(1'773'137'400);

struct World {
  SeededRandom random{1};
  KeyPair root = generate_key_pair(random);
  KeyPair server = generate_key_pair(random);
  ServerIdentity identity = issue_server_identity(root, server, kNow, random);
};

// The root signed whatever this is: what the checks behind the signatures have to stand.
Bytes signed_by_root(World& world, ByteView details) {
  const auto signature = sign(world.root.private_key, details, world.random);
  proto::CertChain chain;
  for (auto* certificate : {chain.mutable_intermediate(), chain.mutable_leaf()}) {
    certificate->set_details(to_string(details));
    certificate->set_signature(to_string(ByteView(signature)));
  }
  return to_bytes(chain.SerializeAsString());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static World world;
  const ByteView input(data + 1, size - 1);
  const auto verdict = [&](ByteView chain) {
    return verify_certificate_chain(chain, world.root.public_key, world.server.public_key, kNow).has_value();
  };
  if (data[0] % 3 == 0) KONEKWA_ASSERT(!verdict(input) || equal(input, world.identity.certificate_chain));
  if (data[0] % 3 == 1) verdict(patched(world.identity.certificate_chain, input));
  if (data[0] % 3 == 2) KONEKWA_ASSERT(!verdict(signed_by_root(world, input)));
  return 0;
}
