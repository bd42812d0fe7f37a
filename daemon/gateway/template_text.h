// Texts with placeholders: "Halo {{name}}". Blanks inside the braces do not count; what is not a placeholder is text.
// Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace konekwa {

inline constexpr std::size_t kPlaceholderNameMax = 64;   // of A-Z a-z 0-9 _ .

// Each name once, in the order in which they first stand.
std::vector<std::string> placeholders_of(std::string_view text);

struct Rendered {
  std::string text;
  std::vector<std::string> missing;   // names without a value; then `text` is of no use
};
// Values are taken as they are: a placeholder inside a value is text.
Rendered render_template(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace konekwa
