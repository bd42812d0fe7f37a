// Octets, and the text forms they take: hex, base64, big-endian integers.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace konekwa {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
inline std::string to_string(ByteView bytes) { return std::string(as_text(bytes)); }

Bytes concat(std::initializer_list<ByteView> parts);
void append(Bytes& to, ByteView more);
bool equal(ByteView a, ByteView b);  // in constant time for equal lengths

// A view of exactly N octets as an array, or nothing when the length is another.
template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> to_array(ByteView view) {
  if (view.size() != N) return std::nullopt;
  std::array<std::uint8_t, N> out;
  std::copy(view.begin(), view.end(), out.begin());
  return out;
}

std::string to_hex(ByteView bytes);                              // lower case
std::optional<Bytes> from_hex(std::string_view text);            // either case, even length
std::string to_base64(ByteView bytes);                           // RFC 4648 section 4, padded
std::optional<Bytes> from_base64(std::string_view text);         // padded or not
std::string to_base64url(ByteView bytes);                        // RFC 4648 section 5, no padding
std::optional<Bytes> from_base64url(std::string_view text);

// Big-endian integers of `size` octets (1..8).
Bytes big_endian(std::uint64_t value, std::size_t size);
std::uint64_t read_big_endian(ByteView bytes);                   // at most 8 octets

}  // namespace konekwa
