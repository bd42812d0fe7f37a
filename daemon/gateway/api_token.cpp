#include "daemon/gateway/api_token.h"

#include <sodium.h>

namespace konekwa {
namespace {

constexpr std::string_view kPrefix = "kwt_";
constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomSize = 30;
constexpr std::size_t kChecksumSize = 6;

// CRC-32 of IEEE 802.3, as zlib's.
std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1) * 0xedb88320U;
  }
  return ~crc;
}

std::string checksum(std::string_view random_part) {
  std::uint32_t value = crc32(random_part);
  std::string out(kChecksumSize, '0');
  for (std::size_t i = kChecksumSize; i-- > 0; value /= 62) out[i] = kBase62[value % 62];
  return out;
}

}  // namespace

std::string new_api_token(Random& random) {
  std::string part;
  while (part.size() < kRandomSize) {
    // Octets from 248 on are dropped: 62 does not divide 256, and the first characters would come up more often.
    const std::uint8_t octet = random.array<1>()[0];
    if (octet < 248) part.push_back(kBase62[octet % 62]);
  }
  return std::string(kPrefix) + part + checksum(part);
}

bool is_api_token(std::string_view text) {
  if (text.size() != kPrefix.size() + kRandomSize + kChecksumSize || !text.starts_with(kPrefix)) return false;
  text.remove_prefix(kPrefix.size());
  return text.find_first_not_of(kBase62) == std::string_view::npos &&
         checksum(text.substr(0, kRandomSize)) == text.substr(kRandomSize);
}

Bytes sha256(std::string_view text) {
  Bytes out(crypto_hash_sha256_BYTES);
  ::crypto_hash_sha256(out.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return out;
}

}  // namespace konekwa
