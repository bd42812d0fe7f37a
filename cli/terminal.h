// What the screen behind stdout can show. Asked anew each time, since windows change their size.
#pragma once

namespace konekwa::cli {

struct Terminal {
  bool is_tty = false;
  int columns = 80;
  int rows = 24;
  bool has_colour = false;   // see shows_colour()
  bool has_cursor = false;   // a terminal, not "dumb": what is on it can be changed
  bool is_utf8 = false;      // by the locale
};

Terminal look_at_stdout();

// NO_COLOR: never. CLICOLOR_FORCE, unless 0: always. Otherwise a terminal that is not "dumb".
bool shows_colour(int descriptor);
bool has_cursor(int descriptor);

}  // namespace konekwa::cli
