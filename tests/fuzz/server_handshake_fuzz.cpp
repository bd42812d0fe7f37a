// What a client may send to a server during the handshake: anything, damaged messages, and any payload.
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
  ServerHandshake server(identity, random);
  ClientHandshake client(client_key, to_bytes(input), random);

  if (data[0] % 4 == 0) {
    if (server.answer_client_hello(input)) server.read_client_finish(input).has_value();
    return 0;
  }
  if (data[0] % 4 == 1) {
    server.answer_client_hello(patched(client.hello(), input)).has_value();
    return 0;
  }
  const auto answer = server.answer_client_hello(client.hello());
  KONEKWA_ASSERT(answer && client.read_server_hello(*answer));
  const auto finish = client.finish();
  KONEKWA_ASSERT(finish);
  if (data[0] % 4 == 2) {
    const auto changed = patched(finish->frame, input);
    const auto accepted = server.read_client_finish(changed);
    KONEKWA_ASSERT(!accepted || accepted->client_payload == to_bytes(input));
    return 0;
  }
  const auto accepted = server.read_client_finish(finish->frame);
  KONEKWA_ASSERT(accepted && accepted->client_payload == to_bytes(input));
  return 0;
}
