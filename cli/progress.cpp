#include "cli/progress.h"

#include <algorithm>

#include <fmt/format.h>

namespace konekwa::cli {
namespace {

constexpr std::size_t kBarColumns = 30;

}  // namespace

Progress::Progress(Context& context, std::size_t total)
    : context_(context), total_(total), begin_(context.clock.elapsed()), drawn_(begin_) {}

void Progress::show(std::size_t done, std::size_t failed) {
  const Duration now = context_.clock.elapsed();
  if (!context_.is_err_tty || now - begin_ < kMoment || (is_drawn_ && now - drawn_ < kInterval)) return;
  context_.output.status_line(progress_line(done, failed, total_));
  drawn_ = now;
  is_drawn_ = true;
}

void Progress::clear() {
  if (is_drawn_) context_.output.status_line("");
  is_drawn_ = false;
}

std::string progress_line(std::size_t done, std::size_t failed, std::size_t total) {
  const std::size_t full = total == 0 ? kBarColumns : std::min(kBarColumns, kBarColumns * done / total);
  return fmt::format("[{}{}] {}/{}{}", std::string(full, '#'), std::string(kBarColumns - full, '-'), done, total,
                     failed == 0 ? "" : fmt::format(", {} failed", failed));
}

}  // namespace konekwa::cli
