// Ciphertexts of a stranger and of a known device. Chance is seeded, so that recorded ciphertexts stay good.
// The first octet chooses msg or pkmsg.
#include "tests/unit/wa/signal_parties.h"

using namespace konekwa;
using namespace konekwa::wa;
using namespace konekwa::wa::test;

namespace {

struct Conversation {
  Conversation() {
    introduce(alice, bob);
    bob.commit();
    stranger.commit();
  }
  Party alice{Jid::pn("6281234567890", 3), 1};
  Party bob{Jid::lid("100000012345678"), 2};
  Party stranger{Jid::lid("200000012345678"), 3};
};

void decrypt_at(Party& receiver, const Jid& sender, EncType type, ByteView ciphertext) {
  const auto plaintext = receiver.state->decrypt(sender, type, ciphertext);
  const bool has_changed = !receiver.state->take_changes().empty();
  KONEKWA_ASSERT(plaintext || !has_changed);
  if (plaintext) receiver.restart();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Conversation conversation;
  if (size == 0) return 0;
  const EncType type = data[0] % 2 == 0 ? EncType::Msg : EncType::PkMsg;
  decrypt_at(conversation.bob, conversation.alice.jid, type, {data + 1, size - 1});
  decrypt_at(conversation.stranger, conversation.alice.jid, type, {data + 1, size - 1});
  return 0;
}
