// Addresses of a daemon or a sandbox, and the text of request targets.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"

namespace konekwa::api {

struct Url {
  enum class Kind { Unix, Http, Https };
  Kind kind = Kind::Unix;
  std::string socket;        // Unix: an absolute path
  std::string host;          // Http, Https; an IPv6 address without its brackets
  int port = 0;
  std::string path;          // Http, Https: "" or "/prefix", without a final slash

  std::string text() const;  // as a person would write it
};

// "unix:///path", "/path", "http://host[:port][/prefix]", "https://...". INVALID_REQUEST says what is wrong.
Result<Url> parse_url(std::string_view text);

std::string encode_segment(std::string_view text);  // one segment of a path, percent-encoded

using Query = std::vector<std::pair<std::string, std::string>>;
std::string with_query(std::string path, const Query& query);  // pairs with an empty value are left out

}  // namespace konekwa::api
