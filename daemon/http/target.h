// The target of a request, taken apart: decoded path segments and query parameters. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace konekwa::http {

using Query = std::vector<std::pair<std::string, std::string>>;

struct Target {
  std::vector<std::string> segments;   // "/v1/sessions/a%20b" is {"v1", "sessions", "a b"}
  Query query;                         // in the order sent
};

// Nothing when a percent sequence is broken, or decodes to a control character or to text that is not UTF-8.
// Decoding comes after splitting, so that an encoded '/' or '&' is part of its segment or value.
std::optional<Target> parse_target(std::string_view text);

// The first value of a parameter; nothing when it is absent.
std::optional<std::string> find_parameter(const Query& query, std::string_view name);

}  // namespace konekwa::http
