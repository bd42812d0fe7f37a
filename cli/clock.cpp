#include "cli/clock.h"

#include <csignal>

#include <poll.h>

namespace konekwa::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void watch_for_interrupts() {
  static const bool is_set = [] {
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    return sigaction(SIGINT, &action, nullptr) == 0;
  }();
  static_cast<void>(is_set);
}

}  // namespace

Time SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::elapsed() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

bool SystemClock::pause(Duration duration) {
  watch_for_interrupts();
  if (interrupted == 0) ::poll(nullptr, 0, static_cast<int>(duration.count()));
  return interrupted == 0;
}

}  // namespace konekwa::cli
