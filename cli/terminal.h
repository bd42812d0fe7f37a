// What a screen can show. Asked anew each time, since windows change their size.
#pragma once

namespace konekwa::cli {

struct Terminal {
  bool is_tty = false;
  int columns = 80;
  int rows = 24;
  bool has_colour = false;    // see shows_colour()
  bool has_cursor = false;    // a terminal that obeys escape sequences: what is on it can be changed
  bool is_utf8 = false;       // by the locale
  bool has_palette = false;   // of its colours there are 256, the upper 240 of which no theme changes
  int descriptor = -1;        // where it is; -1: nowhere, in tests
};

Terminal look_at(int descriptor);

// NO_COLOR: never. CLICOLOR_FORCE, unless 0: always. Otherwise a terminal that has colours, by TERM.
bool shows_colour(int descriptor);

// By TERM, which says little and is all there is: no table of terminals need be installed.
bool obeys_sequences(const char* term);       // not when it is absent, empty or "dumb"
bool knows_colours(const char* term);         // nor those of DEC, vt100 and its like, nor "xterm-mono"
bool knows_palette(const char* term, const char* colorterm);

}  // namespace konekwa::cli
