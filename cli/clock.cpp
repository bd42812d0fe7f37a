#include "cli/clock.h"

#include <csignal>

#include <poll.h>
#include <sys/socket.h>

namespace konekwa::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;
volatile std::sig_atomic_t socket_to_break = -1;

void on_interrupt(int) {
  interrupted = 1;
  if (socket_to_break >= 0) ::shutdown(socket_to_break, SHUT_RDWR);
}

void watch_for_interrupts() {
  static const bool is_set = [] {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
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

void SystemClock::break_on_interrupt(int socket) {
  watch_for_interrupts();
  socket_to_break = socket;
  if (interrupted != 0) ::shutdown(socket, SHUT_RDWR);   // it came before the socket did
}

}  // namespace konekwa::cli
