// A URL that a user gave us, taken apart by libcurl's own parser, so that what we judge is what will be dialled.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "common/error.h"

namespace konekwa::net {

struct WebUrl {
  std::string scheme;      // "http" or "https"
  std::string host;        // lower case; IPv6 without brackets
  std::uint16_t port = 0;  // also when the URL does not name it
};

inline constexpr std::size_t kUrlOctetsMax = 2048;

Result<WebUrl> parse_web_url(const std::string& url);   // INVALID_WEBHOOK_URL; details say why
// What `reference`, which stands in a page, means at `base`: absolute, and one that we would try; else "".
std::string resolve_url(const std::string& base, const std::string& reference);

}  // namespace konekwa::net
