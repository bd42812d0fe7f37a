// The keys of the known answers: a private key is the octet N, 32 times.
#pragma once

#include "daemon/wa/keys.h"

namespace konekwa::wa::test {

inline KeyPair known_key(std::uint8_t octet) {
  Key key;
  key.fill(octet);
  return key_pair_from_private(key);
}

// Chance that makes such keys: one octet, for ever.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint8_t octet) : octet_(octet) {}
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), octet_); }

 private:
  std::uint8_t octet_;
};

}  // namespace konekwa::wa::test
