#include "cli/live_screen.h"

#include <csignal>

#include <termios.h>
#include <unistd.h>

namespace konekwa::cli {
namespace {

constexpr std::string_view kEnterScreen = "\033[?1049h";
constexpr std::string_view kLeaveScreen = "\033[H\033[2J\033[?1049l";
constexpr std::string_view kHome = "\033[H", kErase = "\033[2J", kEraseLine = "\033[2K";

// What a signal's handler needs to know of the screen that is up: where it is, and how its keys were.
volatile std::sig_atomic_t screen_descriptor = -1;
volatile std::sig_atomic_t are_keys_quiet = 0;
termios keys_before;

// A job in the background must leave them alone: whoever is in front has them, and it would be stopped for it.
bool is_in_front(int descriptor) {
  const pid_t in_front = ::tcgetpgrp(descriptor);   // fails where there are no jobs
  return in_front < 0 || in_front == ::getpgrp();
}

void quiet_keys(int descriptor) {
  if (descriptor < 0 || are_keys_quiet != 0) return;
  if (!is_in_front(descriptor) || ::tcgetattr(descriptor, &keys_before) != 0) return;
  termios quiet = keys_before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);   // ISIG stays: Ctrl-C, Ctrl-Z, Ctrl-\ are no keys
  are_keys_quiet = 1;
  ::tcsetattr(descriptor, TCSANOW, &quiet);
}

void give_keys_back(int descriptor) {
  if (are_keys_quiet == 0) return;
  are_keys_quiet = 0;
  if (!is_in_front(descriptor)) return;
  ::tcflush(descriptor, TCIFLUSH);
  ::tcsetattr(descriptor, TCSANOW, &keys_before);
}

}  // namespace

void LiveScreen::show(std::vector<std::string> lines, const Terminal& terminal) {
  if (lines.size() > static_cast<std::size_t>(terminal.rows)) lines.resize(static_cast<std::size_t>(terminal.rows));
  screen_descriptor = terminal.descriptor;
  quiet_keys(terminal.descriptor);
  const bool has_size = columns_ == terminal.columns && rows_ == terminal.rows;
  if (has_size && lines == shown_) return;
  const bool is_fresh = !has_size || lines.size() != shown_.size();
  std::string out(shown_.empty() ? kEnterScreen : "");
  out += kHome;
  if (is_fresh) out += kErase;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += "\r\n";
    if (is_fresh) out += lines[i];
    else if (shown_[i] != lines[i]) out.append(kEraseLine).append(lines[i]);
  }
  output_.draw(stream_, out);
  shown_ = std::move(lines);
  columns_ = terminal.columns;
  rows_ = terminal.rows;
}

void LiveScreen::clear() {
  if (shown_.empty()) return;
  output_.draw(stream_, kLeaveScreen);
  shown_.clear();
  give_keys_back(screen_descriptor);
  screen_descriptor = -1;
}

void LiveScreen::leave_at_once() {
  if (screen_descriptor < 0) return;
  const bool is_left = ::write(screen_descriptor, kLeaveScreen.data(), kLeaveScreen.size()) >= 0;
  static_cast<void>(is_left);   // nothing is left to do about it
  give_keys_back(screen_descriptor);
}

}  // namespace konekwa::cli
