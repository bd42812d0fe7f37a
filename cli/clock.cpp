#include "cli/clock.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/api/client.h"

namespace konekwa::cli {
namespace {

constexpr int kEndings[] = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t interrupted = 0;   // the signal that did it
volatile std::sig_atomic_t is_to_suspend = 0;
volatile std::sig_atomic_t socket_to_break = api::ApiClient::kNoSocket;
int dead_socket = -1;                         // whose other end is gone
bool is_watching = false, watches_for_good = false;
struct sigaction before_watching[std::size(kEndings)];
std::atomic<void (*)()> at_the_end_do = nullptr;

void end_by(int signal) {
  if (void (*const last)() = at_the_end_do) last();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// What waits for it wakes up; what is about to wait, or to connect it, finds a socket that is dead.
void break_off(int socket) {
  ::shutdown(socket, SHUT_RDWR);
  if (dead_socket >= 0) ::dup2(dead_socket, socket);
}

void on_interrupt(int signal) {
  // Nothing was sent, and who looks up the name of a host cannot be woken.
  if (interrupted != 0 || socket_to_break == api::ApiClient::kNoSocketYet) return end_by(signal);
  const int number = errno;
  interrupted = signal;
  if (socket_to_break >= 0) break_off(socket_to_break);
  errno = number;
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

void make_dead_socket() {
  int ends[2];
  if (dead_socket >= 0 || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
  ::close(ends[1]);
  dead_socket = ends[0];
}

void watch_for_interrupts() {
  if (std::exchange(is_watching, true)) return;
  make_dead_socket();
  for (std::size_t i = 0; i < std::size(kEndings); ++i) {
    const int signal = kEndings[i];
    const bool is_ignored = sigaction(signal, nullptr, &before_watching[i]) == 0 &&
                            before_watching[i].sa_handler == SIG_IGN;
    // By nohup that is meant. By a shell, of SIGINT and what runs in its background, it is not.
    if (is_ignored && signal == SIGHUP) continue;
    handle(signal, on_interrupt, 0);
  }
}

void watch_no_more() {
  if (watches_for_good || !std::exchange(is_watching, false)) return;
  for (std::size_t i = 0; i < std::size(kEndings); ++i) sigaction(kEndings[i], &before_watching[i], nullptr);
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
  watches_for_good = true;
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

bool SystemClock::break_on_interrupt(int socket) {
  if (std::this_thread::get_id() != owner_) return true;
  if (socket != api::ApiClient::kNoSocket) watch_for_interrupts();
  socket_to_break = socket;
  if (interrupted != 0 && socket >= 0) break_off(socket);   // it came before the socket did
  if (socket == api::ApiClient::kNoSocket) watch_no_more();
  return interrupted == 0;
}

void SystemClock::end_as_asked() {
  if (interrupted == SIGTERM || interrupted == SIGHUP) end_by(interrupted);
}

}  // namespace konekwa::cli
