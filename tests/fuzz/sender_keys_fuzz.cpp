// Group ciphertexts, distribution messages and damaged rows of sender keys. The first octet chooses which.
#include "tests/unit/wa/signal_parties.h"

using namespace konekwa;
using namespace konekwa::wa;
using namespace konekwa::wa::test;

namespace {

const Jid kGroup{"120363021033254949", Server::Group};

struct Members {
  Members() {
    const auto shared = bob.state->sender_keys().accept(
        kGroup, alice.jid, *alice.state->sender_keys().distribution(kGroup, alice.jid));
    KONEKWA_ASSERT(shared);
    text = *alice.state->sender_keys().encrypt(kGroup, alice.jid, as_bytes("text"));
    alice.commit();
    bob.commit();
  }
  Party alice{Jid::lid("100000000000001", 3), 1};
  Party bob{Jid::lid("100000000000002"), 2};
  Bytes text;
};

void decrypt(Members& m, ByteView ciphertext) {
  const auto plain = m.bob.state->sender_keys().decrypt(kGroup, m.alice.jid, ciphertext);
  const bool has_changed = !m.bob.state->take_changes().empty();
  KONEKWA_ASSERT(plain || !has_changed);
}

void accept(Members& m, ByteView distribution) {
  const auto accepted = m.bob.state->sender_keys().accept(kGroup, m.alice.jid, distribution);
  const bool has_changed = !m.bob.state->take_changes().empty();
  KONEKWA_ASSERT(accepted || !has_changed);
  (void)m.bob.state->sender_keys().decrypt(kGroup, m.alice.jid, m.text);
}

void read_row(Members& m, ByteView row) {
  Party reader(m.bob.jid, 3);
  reader.rows.values[{SignalRow::Kind::SenderKey, sender_key_name(kGroup, m.alice.jid)}] = to_bytes(row);
  SenderKeys& keys = reader.state->sender_keys();
  (void)keys.decrypt(kGroup, m.alice.jid, m.text);
  (void)keys.encrypt(kGroup, m.alice.jid, as_bytes("x"));
  (void)keys.distribution(kGroup, m.alice.jid);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Members members;
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  if (data[0] % 3 == 0) decrypt(members, input);
  if (data[0] % 3 == 1) accept(members, input);
  if (data[0] % 3 == 2) read_row(members, input);
  members.bob.restart();
  return 0;
}
