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
  void clear();               // before anything else is printed on stderr
  void clear_for_stdout();    // before stdout is written to, where that is a screen too

 private:
  Context& context_;
  const std::size_t total_;
  const Duration begin_;
  Duration drawn_;            // when it was
  bool was_drawn_ = false, is_there_ = false;
};

// "[##########----------] 50/100, 2 failed", in fewer columns with less of it; "" where the number has no room.
std::string progress_line(std::size_t done, std::size_t failed, std::size_t total, int columns);

}  // namespace konekwa::cli
