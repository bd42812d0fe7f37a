// Lines on a screen of their own, the alternate one of xterm and its like, redrawn in place. Whatever becomes of them,
// nothing stays: not on the screen that was there before, and not in what can be scrolled back to. What is typed
// meanwhile is not shown and not kept; Ctrl-C and its like go on working. One at a time.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/terminal.h"

namespace konekwa::cli {

class LiveScreen {
 public:
  LiveScreen(Output& output, Output::Stream stream) : output_(output), stream_(stream) {}
  ~LiveScreen() { clear(); }
  LiveScreen(const LiveScreen&) = delete;

  // Each line is no wider than the terminal; those below its last row are left out. After a change of its size all is
  // drawn again, since terminals break and join lines then, each in its way.
  void show(std::vector<std::string> lines, const Terminal& terminal);
  void clear();                                // back to the screen before
  static void leave_at_once();                 // the same, from a signal's handler

 private:
  Output& output_;
  const Output::Stream stream_;
  std::vector<std::string> shown_;             // none: the other screen is there
  int columns_ = 0, rows_ = 0;
};

}  // namespace konekwa::cli
