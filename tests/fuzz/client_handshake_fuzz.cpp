// What a server may send to a client during the handshake: anything, and damaged messages.
#include "common/error.h"
#include "daemon/wa/handshake.h"
#include "tests/fuzz/patches.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;
using konekwa::test::patched;
using konekwa::test::SeededRandom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  SeededRandom random(1);
  const ServerIdentity identity{generate_key_pair(random), random.bytes(100)};
  const auto client_key = generate_key_pair(random);
  ClientHandshake client(client_key, to_bytes(as_bytes("payload")), random);

  if (data[0] % 2 == 0) {
    if (client.read_server_hello(input)) client.finish().has_value();
    return 0;
  }
  ServerHandshake server(identity, random);
  const auto answer = server.answer_client_hello(client.hello());
  KONEKWA_ASSERT(answer);
  const auto claim = client.read_server_hello(patched(*answer, input));
  KONEKWA_ASSERT(!claim || claim->static_key == identity.static_key.public_key);
  return 0;
}
