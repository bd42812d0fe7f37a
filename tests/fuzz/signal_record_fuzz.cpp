// A damaged row where a ratchet should be: it may fail, but neither crash nor stop the next pkmsg.
#include "tests/unit/wa/signal_parties.h"

using namespace konekwa;
using namespace konekwa::wa;
using namespace konekwa::wa::test;

namespace {

struct Conversation {
  Conversation() {
    introduce(alice, bob);
    message = alice.write(bob, "text");
    const auto started = alice.state->start_session(bob.jid, bob.bundle());
    KONEKWA_ASSERT(started);
    pkmsg = alice.write(bob, "again");
    bob.commit();
  }
  Party alice{Jid::pn("6281234567890", 3), 1};
  Party bob{Jid::lid("100000012345678"), 2};
  Ciphertext message, pkmsg;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Conversation c;
  c.bob.rows.values[{SignalRow::Kind::Session, signal_address(c.alice.jid)}] = Bytes(data, data + size);
  c.bob.restart();
  (void)c.bob.read(c.alice, c.message);
  (void)c.bob.state->encrypt(c.alice.jid, as_bytes("answer"));
  (void)c.bob.state->base_key(c.alice.jid);
  c.bob.restart();
  KONEKWA_ASSERT(c.bob.read(c.alice, c.pkmsg) == "again" || c.bob.state->has_session(c.alice.jid));
  return 0;
}
