// What somebody may have meant who mistyped a word. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace konekwa::cli {

// The one of `names` that is nearest to `word`: letters missing, too many, wrong or exchanged, in a third of them at
// most. "" when none is that near.
std::string nearest(std::string_view word, const std::vector<std::string>& names);

}  // namespace konekwa::cli
