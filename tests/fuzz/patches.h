// Genuine octets, changed in places that the fuzzer chooses: random ones never get past a MAC.
#pragma once

#include "common/bytes.h"

namespace konekwa::test {

// Each two octets of `patches` are a place (modulo the size) and what to XOR into it.
inline Bytes patched(Bytes genuine, ByteView patches) {
  for (std::size_t i = 0; i + 1 < patches.size() && !genuine.empty(); i += 2) {
    genuine[patches[i] % genuine.size()] ^= patches[i + 1];
  }
  return genuine;
}

}  // namespace konekwa::test
