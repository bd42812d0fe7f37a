#include "cli/progress.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace konekwa::cli {
namespace {

constexpr int kBarColumns = 30, kBarColumnsMin = 10;
constexpr int kFrame = 3;   // "[] "

std::string bar(std::size_t done, std::size_t total, int columns) {
  const auto width = static_cast<std::size_t>(columns);
  const std::size_t full = total == 0 ? width : std::min(width, width * done / total);
  return fmt::format("[{}{}] ", std::string(full, '#'), std::string(width - full, '-'));
}

}  // namespace

Progress::Progress(Context& context, std::size_t total)
    : context_(context), total_(total), begin_(context.clock.elapsed()), drawn_(begin_) {}

void Progress::show(std::size_t done, std::size_t failed) {
  if (!context_.is_err_tty) return;
  const Duration now = context_.clock.elapsed();
  if (now - begin_ < kMoment || (was_drawn_ && now - drawn_ < kInterval)) return;
  // In the last column the line would wrap.
  context_.output.status_line(progress_line(done, failed, total_, context_.err_terminal().columns - 1));
  drawn_ = now;
  was_drawn_ = is_there_ = true;
}

void Progress::clear() {
  if (std::exchange(is_there_, false)) context_.output.status_line("");
}

void Progress::clear_for_stdout() {
  if (is_there_ && context_.terminal().is_tty) clear();
}

std::string progress_line(std::size_t done, std::size_t failed, std::size_t total, int columns) {
  const std::string count = fmt::format("{}/{}", done, total);
  const std::string whole = failed == 0 ? count : fmt::format("{}, {} failed", count, failed);
  for (const std::string& words : {whole, count}) {
    const int room = columns - kFrame - static_cast<int>(words.size());
    if (room >= kBarColumnsMin) return bar(done, total, std::min(room, kBarColumns)) + words;
  }
  for (const std::string& words : {whole, count}) {
    if (static_cast<int>(words.size()) <= columns) return words;
  }
  return {};
}

}  // namespace konekwa::cli
