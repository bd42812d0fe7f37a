#include "cli/live_screen.h"

#include <fmt/format.h>

namespace konekwa::cli {
namespace {

constexpr std::string_view kEraseToLineEnd = "\033[K";
constexpr std::string_view kEraseToScreenEnd = "\033[J";

}  // namespace

std::string LiveScreen::to_top() const {
  return shown_.size() > 1 ? fmt::format("\r\033[{}A", shown_.size() - 1) : "\r";
}

void LiveScreen::show(std::vector<std::string> lines) {
  if (lines == shown_) return;
  if (lines.size() != shown_.size()) clear();
  std::string out = to_top();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += "\n";
    const bool is_same = i < shown_.size() && shown_[i] == lines[i];
    if (!is_same) out.append(lines[i]).append(kEraseToLineEnd);
    out += "\r";
  }
  output_.raw(out);
  shown_ = std::move(lines);
}

void LiveScreen::clear() {
  if (shown_.empty()) return;
  output_.raw(to_top() + std::string(kEraseToScreenEnd));
  shown_.clear();
}

}  // namespace konekwa::cli
