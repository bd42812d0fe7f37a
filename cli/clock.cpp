#include "cli/clock.h"

#include <atomic>
#include <csignal>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace konekwa::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;   // the signal that did it
volatile std::sig_atomic_t is_to_suspend = 0;
volatile std::sig_atomic_t socket_to_break = -1;
std::atomic<void (*)()> at_the_end_do = nullptr;

void end_by(int signal) {
  if (void (*const last)() = at_the_end_do) last();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_interrupt(int signal) {
  if (interrupted != 0) return end_by(signal);
  interrupted = signal;
  if (socket_to_break >= 0) ::shutdown(socket_to_break, SHUT_RDWR);
}

void on_suspension(int) { is_to_suspend = 1; }

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

// As the terminal would have done it, so that the shell tells of a suspension and not of a stop by a program.
void suspend() {
  sigset_t tstp{}, before{};
  sigemptyset(&tstp);
  sigaddset(&tstp, SIGTSTP);
  handle(SIGTSTP, SIG_DFL, 0);
  pthread_sigmask(SIG_UNBLOCK, &tstp, &before);
  ::raise(SIGTSTP);   // comes back when the program goes on
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  handle(SIGTSTP, on_suspension, SA_RESTART);
}

void watch_for_interrupts() {
  static const bool is_set = [] {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction before {};
      const bool is_ignored = sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
      // By nohup that is meant. By a shell, of SIGINT and what runs in its background, it is not.
      if (is_ignored && signal == SIGHUP) continue;
      handle(signal, on_interrupt, 0);
    }
    return true;
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

bool SystemClock::pause(Duration duration) { return await(-1, duration); }

bool SystemClock::await(int descriptor, Duration duration_max) {
  watch_for_interrupts();
  pollfd watched{descriptor, POLLIN, 0};   // one that is negative is left out
  if (interrupted == 0 && is_to_suspend == 0) ::poll(&watched, 1, static_cast<int>(duration_max.count()));
  if (is_to_suspend != 0 && tidy_) {
    tidy_();
    is_to_suspend = 0;
    suspend();
  }
  return interrupted == 0;
}

void SystemClock::before_suspension(std::function<void()> tidy, void (*at_the_end)()) {
  tidy_ = std::move(tidy);
  at_the_end_do = at_the_end;
  handle(SIGQUIT, tidy_ ? end_by : SIG_DFL, 0);
  handle(SIGTSTP, tidy_ ? on_suspension : SIG_DFL, SA_RESTART);
}

void SystemClock::break_on_interrupt(int socket) {
  watch_for_interrupts();
  socket_to_break = socket;
  if (interrupted != 0) ::shutdown(socket, SHUT_RDWR);   // it came before the socket did
}

void SystemClock::end_as_asked() {
  if (interrupted == SIGTERM || interrupted == SIGHUP) end_by(interrupted);
}

}  // namespace konekwa::cli
