// What the screen behind stdout can show. Asked anew each time, since windows change their size.
#pragma once

namespace konekwa::cli {

struct Terminal {
  bool is_tty = false;
  int columns = 80;
  int rows = 24;
  bool has_colour = false;   // a terminal, not "dumb", and NO_COLOR is unset
  bool is_utf8 = false;      // by the locale
};

Terminal look_at_stdout();

}  // namespace konekwa::cli
