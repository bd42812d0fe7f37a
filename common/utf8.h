// Is it UTF-8, and how many characters are that?
#pragma once

#include <cstddef>
#include <string_view>

namespace konekwa {

bool is_utf8(std::string_view text);                 // no overlong forms, no surrogates, nothing above U+10FFFF
std::size_t count_characters(std::string_view utf8); // code points

}  // namespace konekwa
