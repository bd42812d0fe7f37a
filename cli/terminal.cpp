#include "cli/terminal.h"

#include <cstdlib>
#include <string_view>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace konekwa::cli {
namespace {

std::string_view text_of(const char* value) { return value == nullptr ? std::string_view() : value; }

std::string_view env(const char* name) { return text_of(std::getenv(name)); }

}  // namespace

Terminal look_at(int descriptor) {
  Terminal out;
  out.descriptor = descriptor;
  out.is_tty = ::isatty(descriptor) == 1;
  winsize size{};
  if (out.is_tty && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    out.columns = size.ws_col;
    out.rows = size.ws_row;
  }
  out.has_colour = shows_colour(descriptor);
  out.has_palette = out.has_colour && knows_palette(std::getenv("TERM"), std::getenv("COLORTERM"));
  out.has_cursor = out.is_tty && obeys_sequences(std::getenv("TERM"));
  out.is_utf8 = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  return out;
}

bool shows_colour(int descriptor) {
  if (!env("NO_COLOR").empty()) return false;
  if (const std::string_view forced = env("CLICOLOR_FORCE"); !forced.empty() && forced != "0") return true;
  return ::isatty(descriptor) == 1 && knows_colours(std::getenv("TERM"));
}

bool obeys_sequences(const char* term) { return !text_of(term).empty() && text_of(term) != "dumb"; }

bool knows_colours(const char* term) {
  const std::string_view name = text_of(term);
  const bool is_of_dec = name.size() > 2 && name.starts_with("vt") && name[2] >= '0' && name[2] <= '9';
  return obeys_sequences(term) && !is_of_dec && !name.ends_with("-m") && !name.ends_with("-mono");
}

bool knows_palette(const char* term, const char* colorterm) {
  const std::string_view name = text_of(term);
  if (name.find("256color") != std::string_view::npos || name.ends_with("-direct")) return true;
  return knows_colours(term) && !text_of(colorterm).empty();
}

}  // namespace konekwa::cli
