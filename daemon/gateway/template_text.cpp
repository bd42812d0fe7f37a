#include "daemon/gateway/template_text.h"

#include <algorithm>
#include <functional>

namespace konekwa {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kPlaceholderNameMax && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Tells the pieces of a text from left to right: plain text, and the names of placeholders.
void walk(std::string_view text, const std::function<void(std::string_view)>& plain,
          const std::function<void(std::string_view)>& placeholder) {
  constexpr std::string_view kOpen = "{{", kClose = "}}";
  while (!text.empty()) {
    const std::size_t open = text.find(kOpen);
    if (open == std::string_view::npos) return plain(text);
    // Of "{{{name}}" the last two braces open.
    std::size_t begin = open + kOpen.size();
    while (begin < text.size() && text[begin] == '{') ++begin;
    const std::size_t close = text.find(kClose, begin);
    if (close == std::string_view::npos) return plain(text);
    const std::string_view name = without_blanks(text.substr(begin, close - begin));
    if (is_name(name)) {
      plain(text.substr(0, begin - kOpen.size()));
      placeholder(name);
      text.remove_prefix(close + kClose.size());
    } else {
      plain(text.substr(0, begin));
      text.remove_prefix(begin);
    }
  }
}

void add_once(std::vector<std::string>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

}  // namespace

std::vector<std::string> placeholders_of(std::string_view text) {
  std::vector<std::string> out;
  walk(text, [](std::string_view) {}, [&](std::string_view name) { add_once(out, name); });
  return out;
}

Rendered render_template(std::string_view text, const std::map<std::string, std::string>& values) {
  Rendered out;
  walk(
      text, [&](std::string_view plain) { out.text += plain; },
      [&](std::string_view name) {
        const auto value = values.find(std::string(name));
        if (value == values.end()) return add_once(out.missing, name);
        out.text += value->second;
      });
  return out;
}

}  // namespace konekwa
