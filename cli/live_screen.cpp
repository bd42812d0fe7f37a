#include "cli/live_screen.h"

namespace konekwa::cli {
namespace {

constexpr std::string_view kEnterScreen = "\033[?1049h";
constexpr std::string_view kHome = "\033[H", kErase = "\033[2J", kEraseLine = "\033[2K";

}  // namespace

void LiveScreen::show(std::vector<std::string> lines, const Terminal& terminal) {
  const bool has_size = columns_ == terminal.columns && rows_ == terminal.rows;
  if (has_size && lines == shown_) return;
  const bool is_fresh = !has_size || lines.size() != shown_.size();
  std::string out(shown_.empty() ? kEnterScreen : "");
  out += kHome;
  if (is_fresh) out += kErase;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += "\r\n";
    if (is_fresh) out += lines[i];
    else if (shown_[i] != lines[i]) out.append(kEraseLine).append(lines[i]);
  }
  output_.raw(out);
  shown_ = std::move(lines);
  columns_ = terminal.columns;
  rows_ = terminal.rows;
}

void LiveScreen::clear() {
  if (shown_.empty()) return;
  output_.raw(kLeaveScreen);
  shown_.clear();
}

}  // namespace konekwa::cli
