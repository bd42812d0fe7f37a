// The only source of chance. The real one is SystemRandom (libsodium); the simulation's is seeded.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/bytes.h"

namespace konekwa {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  Bytes bytes(std::size_t count) {
    Bytes out(count);
    fill(out);
    return out;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> out;
    fill(out);
    return out;
  }
  std::uint64_t u64() { return read_big_endian(array<8>()); }
  // Uniform in [0, bound). bound > 0. The bias of the modulo is below 2^-32 for bounds below 2^32.
  std::uint64_t below(std::uint64_t bound) { return u64() % bound; }
  double unit() { return static_cast<double>(u64() >> 11) * 0x1.0p-53; }  // [0, 1)
};

// libsodium's generator. Any thread.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace konekwa
