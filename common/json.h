// JSON in the order it was written (documented keys come first), and a parser with limits.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/error.h"

namespace konekwa {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t kJsonDepthMax = 32;

// INVALID_JSON when it is not one UTF-8 JSON document, is nested deeper than kJsonDepthMax, or repeats a key.
Result<Json> parse_json(std::string_view text);

}  // namespace konekwa
