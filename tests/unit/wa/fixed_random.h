// Chance that is no chance: one octet, for ever.
// core.md takes the octet N, 32 times, as a private key in its known answers.
#pragma once

#include "common/random.h"

namespace konekwa::test {

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint8_t value) : value_(value) {}
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), value_); }

 private:
  std::uint8_t value_;
};

}  // namespace konekwa::test
