// The dictionaries of the binary node format, version 3: frequent strings as one or two octets.
// Single tokens are 1..235 (0 is "absent"); four dictionaries of 256 double tokens follow the octets 236..239.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace konekwa::wa {

inline constexpr std::size_t kSingleTokenCount = 236;
inline constexpr std::size_t kDictionaryCount = 4;
inline constexpr std::size_t kDictionarySize = 256;

extern const std::array<std::string_view, kSingleTokenCount> kSingleTokens;
extern const std::array<std::array<std::string_view, kDictionarySize>, kDictionaryCount> kDoubleTokens;

// Where a string is in the tables.
struct TokenCode {
  std::optional<std::uint8_t> dictionary;  // nothing: a single token
  std::uint8_t index = 0;
};
std::optional<TokenCode> find_token(std::string_view text);

}  // namespace konekwa::wa
