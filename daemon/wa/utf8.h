// Is this text that JSON can carry? Peers send what they like.
#pragma once

#include <string_view>

namespace konekwa::wa {

bool is_utf8(std::string_view text);  // RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF

}  // namespace konekwa::wa
