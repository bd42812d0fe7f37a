#include "cli/terminal.h"

#include <cstdlib>
#include <string_view>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace konekwa::cli {
namespace {

std::string_view env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

Terminal look_at_stdout() {
  Terminal out;
  out.is_tty = ::isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (out.is_tty && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    out.columns = size.ws_col;
    out.rows = size.ws_row;
  }
  out.has_colour = shows_colour(STDOUT_FILENO);
  out.has_cursor = has_cursor(STDOUT_FILENO);
  out.is_utf8 = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  return out;
}

bool has_cursor(int descriptor) { return ::isatty(descriptor) == 1 && env("TERM") != "dumb"; }

bool shows_colour(int descriptor) {
  if (!env("NO_COLOR").empty()) return false;
  if (const std::string_view forced = env("CLICOLOR_FORCE"); !forced.empty() && forced != "0") return true;
  return ::isatty(descriptor) == 1 && env("TERM") != "dumb";
}

}  // namespace konekwa::cli
