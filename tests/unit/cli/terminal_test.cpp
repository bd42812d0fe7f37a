#include <catch2/catch.hpp>

#include "cli/terminal.h"

using namespace konekwa::cli;

TEST_CASE("a terminal without a name, and a dumb one, gets no sequences") {
  for (const char* term : {static_cast<const char*>(nullptr), "", "dumb"}) {
    CHECK_FALSE(obeys_sequences(term));
    CHECK_FALSE(knows_colours(term));
    CHECK_FALSE(knows_palette(term, "truecolor"));
  }
}

TEST_CASE("the terminals of DEC obey, and know no colours") {
  for (const char* term : {"vt100", "vt102", "vt220", "vt100-w", "xterm-mono", "linux-m"}) {
    CHECK(obeys_sequences(term));
    CHECK_FALSE(knows_colours(term));
    CHECK_FALSE(knows_palette(term, "truecolor"));
  }
}

TEST_CASE("the 256 colours are used where TERM or COLORTERM promises them") {
  for (const char* term : {"xterm", "linux", "screen", "ansi", "tmux", "vte"}) {
    CHECK(knows_colours(term));
    CHECK_FALSE(knows_palette(term, nullptr));
    CHECK_FALSE(knows_palette(term, ""));
    CHECK(knows_palette(term, "truecolor"));
  }
  for (const char* term : {"xterm-256color", "screen.xterm-256color", "vte-256color", "xterm-direct"}) {
    CHECK(knows_colours(term));
    CHECK(knows_palette(term, nullptr));
  }
}
