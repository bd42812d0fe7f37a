// The program: words in, exit code out.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/clock.h"
#include "cli/terminal.h"
#include "common/language.h"

namespace konekwa::cli {

struct World {
  std::istream& in;
  bool is_in_tty = false;
  std::ostream& out;
  std::ostream& err;
  Clock& clock;
  std::function<Terminal()> terminal;  // of `out`
  std::function<Terminal()> err_terminal = [] { return Terminal(); };
  Language language = Language::English;   // of what `err` says of failures
};

// Exit codes of the program; those of failures come from errors.def.
inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 2;

int run(std::vector<std::string> words, World& world);   // without the program's name

}  // namespace konekwa::cli
