// API tokens: "kwt_", 30 random base62 characters, and 6 that are the CRC32 of those, so that a typing error is found
// without a look into the database and scanners can tell a token from chance. Only the SHA-256 is kept.
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.h"
#include "common/random.h"

namespace konekwa {

inline constexpr std::size_t kTokenPrefixSize = 8;   // shown, to recognise a token by

std::string new_api_token(Random& random);
bool is_api_token(std::string_view text);            // by its form and checksum
Bytes sha256(std::string_view text);

}  // namespace konekwa
