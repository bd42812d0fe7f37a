#include "common/sha256.h"

#include <sodium.h>

namespace konekwa {
namespace {
using State = crypto_hash_sha256_state;
}

Sha256::Sha256() {
  static_assert(sizeof(State) <= sizeof(state_) && alignof(State) <= 64);
  ::crypto_hash_sha256_init(reinterpret_cast<State*>(state_.data()));
}

void Sha256::add(ByteView more) {
  ::crypto_hash_sha256_update(reinterpret_cast<State*>(state_.data()), more.data(), more.size());
}

Bytes Sha256::finish() {
  Bytes out(kSize);
  ::crypto_hash_sha256_final(reinterpret_cast<State*>(state_.data()), out.data());
  return out;
}

}  // namespace konekwa
