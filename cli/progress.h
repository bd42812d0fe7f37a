// How far a long command is: a line on stderr, on a screen only, and only when it takes longer than a moment.
#pragma once

#include <string>

#include "cli/command.h"

namespace konekwa::cli {

class Progress {
 public:
  static constexpr Duration kMoment = milliseconds(500);
  static constexpr Duration kInterval = milliseconds(100);   // between two drawings

  Progress(Context& context, std::size_t total);
  ~Progress() { clear(); }

  void show(std::size_t done, std::size_t failed);
  void clear();   // before anything else is printed

 private:
  Context& context_;
  const std::size_t total_;
  const Duration begin_;
  Duration drawn_;
  bool is_drawn_ = false;
};

// "[##########----------] 50/100, 2 failed"
std::string progress_line(std::size_t done, std::size_t failed, std::size_t total);

}  // namespace konekwa::cli
