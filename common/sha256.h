// SHA-256 of what comes in pieces.
#pragma once

#include <array>
#include <string>

#include "common/bytes.h"
#include "common/error.h"

namespace konekwa {

class Sha256 {
 public:
  static constexpr std::size_t kSize = 32;
  Sha256();
  void add(ByteView more);
  Bytes finish();   // once; nothing is added after it

 private:
  alignas(64) std::array<std::uint8_t, 128> state_;   // libsodium's
};

Result<Bytes> sha256_of_file(const std::string& path);   // blocks for the disk; STORAGE_UNAVAILABLE

}  // namespace konekwa
