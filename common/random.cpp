#include "common/random.h"

#include <sodium.h>

#include "common/error.h"

namespace konekwa {

SystemRandom::SystemRandom() { KONEKWA_ASSERT(sodium_init() >= 0); }

void SystemRandom::fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace konekwa
