// The program konekwad: flags -> Settings -> Daemon -> wait for a signal -> exit code.
#include <cstdio>
#include <cstdlib>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/journal.h"
#include "common/log.h"
#include "common/standard_descriptors.h"
#include "daemon/daemon.h"
#include "daemon/restore.h"
#include "daemon/service_notify.h"
#include "daemon/settings.h"

namespace {

using konekwa::Error;
using konekwa::ErrorCode;

// Of sysexits.h. systemd does not restart on the first.
constexpr int kExitConfig = 78;
constexpr int kExitTryLater = 75;

int exit_code_of(const Error& error) {
  if (error.code == ErrorCode::INVALID_REQUEST) return kExitConfig;
  return error.code == ErrorCode::CONFLICT ? kExitTryLater : EXIT_FAILURE;
}

int report(const Error& error) {
  std::fprintf(stderr, "%skonekwad: %s\n", konekwa::log::stderr_is_journal() ? "<3>" : "", error.text().c_str());
  return exit_code_of(error);
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Blocked before any thread starts, so that these signals come to sigwait alone.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// The first signal; until then the service manager, if there is one, is told how things are.
void wait_for_signal(const sigset_t& signals, konekwa::Daemon& daemon) {
  const auto interval = konekwa::service::report_interval();
  if (!interval) {
    int received = 0;
    sigwait(&signals, &received);
    return;
  }
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(*interval);
  const std::chrono::nanoseconds rest = *interval - whole;
  const timespec limit{whole.count(), rest.count()};
  while (sigtimedwait(&signals, nullptr, &limit) < 0) daemon.report();
}

}  // namespace

int main(int argc, char** argv) {
  konekwa::occupy_standard_descriptors();
  ::umask(0077);   // whatever we write is ours alone
  const sigset_t stop_signals = block_stop_signals();
  const auto command_line = konekwa::read_command_line({argv + 1, argv + argc}, environment);
  if (!command_line) return report(command_line.error());
  if (command_line->print) {
    std::fputs(command_line->print->c_str(), stdout);
    return EXIT_SUCCESS;
  }
  konekwa::log::set_level(command_line->settings.log_level);
  if (!command_line->restore.empty()) {
    const auto restored = konekwa::restore(*command_line);
    if (!restored) return report(restored.error());
    std::fputs(restored->c_str(), stdout);
    return EXIT_SUCCESS;
  }
  auto daemon = konekwa::Daemon::start(command_line->settings);
  if (!daemon) return report(daemon.error());

  wait_for_signal(stop_signals, **daemon);
  konekwa::log::info("konekwad", "stopping");
  // A stop that hangs is ended by the alarm, an impatient second signal by its default action.
  ::alarm(konekwa::kStopSecondsMax);
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  (*daemon)->stop();
  return EXIT_SUCCESS;
}
