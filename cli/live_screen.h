// A block of lines at the bottom of a terminal that is redrawn in place. Only lines that changed are written.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"

namespace konekwa::cli {

class LiveScreen {
 public:
  explicit LiveScreen(Output& output) : output_(output) {}
  ~LiveScreen() { clear(); }

  void show(std::vector<std::string> lines);   // each no wider than the terminal
  void clear();                                // nothing of the block stays, the cursor is where it began

 private:
  std::string to_top() const;

  Output& output_;
  std::vector<std::string> shown_;             // the cursor is in the last of these lines
};

}  // namespace konekwa::cli
