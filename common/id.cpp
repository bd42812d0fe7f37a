#include "common/id.h"

#include <algorithm>

namespace konekwa {
namespace {

std::string crockford(ByteView bytes) {
  static constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 2;  // 128 bits are 26 digits of 5 bits with two leading zero bits
  for (std::uint8_t b : bytes) {
    buffer = buffer << 8 | b;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out.push_back(kAlphabet[buffer >> bits & 31]);
    }
  }
  return out;
}

}  // namespace

std::string new_ordered_id(std::string_view prefix, Time now, Random& random) {
  Bytes value = big_endian(static_cast<std::uint64_t>(unix_ms(now)), 6);
  append(value, random.array<10>());
  return std::string(prefix) + crockford(value);
}

std::string new_random_id(std::string_view prefix, Random& random) {
  return std::string(prefix) + crockford(random.array<16>());
}

}  // namespace konekwa
