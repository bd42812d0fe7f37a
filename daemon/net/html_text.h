// Text out of HTML: character references decoded, octets of windows-1252 made UTF-8, space put in order. Pure.
#pragma once

#include <string>
#include <string_view>

namespace konekwa::net {

std::string from_windows_1252(std::string_view octets);

// `raw` is UTF-8. References that are none stay as they are; control characters go, runs of space become one; cut to
// `octets_max` between characters.
std::string html_text(std::string_view raw, std::size_t octets_max);

}  // namespace konekwa::net
