// Lines on a screen of their own, the alternate one of xterm and its like, redrawn in place. Whatever becomes of them,
// nothing stays: not on the screen that was there before, and not in what can be scrolled back to.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/terminal.h"

namespace konekwa::cli {

// Ends it at once, for a signal's handler.
inline constexpr char kLeaveScreen[] = "\033[H\033[2J\033[?1049l";

class LiveScreen {
 public:
  explicit LiveScreen(Output& output) : output_(output) {}
  ~LiveScreen() { clear(); }
  LiveScreen(const LiveScreen&) = delete;

  // Each line is no wider than the terminal. After a change of its size all is drawn again, since terminals break and
  // join lines then, each in its way.
  void show(std::vector<std::string> lines, const Terminal& terminal);
  void clear();                                // back to the screen before

 private:
  Output& output_;
  std::vector<std::string> shown_;             // none: the other screen is there
  int columns_ = 0, rows_ = 0;
};

}  // namespace konekwa::cli
