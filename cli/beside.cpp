#include "cli/beside.h"

#include <csignal>
#include <cstdint>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace konekwa::cli {
namespace {

constexpr int kStopIntervalMs = 50;   // a request that has not begun yet cannot be broken off

}  // namespace

Beside::Beside(api::ApiClient& client) : client_(client), descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Beside::~Beside() {
  stop();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Beside::begin(std::function<void()> work) {
  finish();
  is_done_ = false;
  sigset_t all{}, before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);   // which the thread inherits
  try {
    thread_ = std::thread([this, work] { run(work); });
  } catch (const std::system_error&) {   // no more threads
    run(work);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Beside::run(const std::function<void()>& work) {
  work();
  is_done_ = true;
  const std::uint64_t one = 1;
  const bool is_told = descriptor_ < 0 || ::write(descriptor_, &one, sizeof one) > 0;
  static_cast<void>(is_told);   // whoever waits looks again after a while anyway
}

void Beside::finish() {
  if (thread_.joinable()) thread_.join();
  std::uint64_t count = 0;
  const bool was_told = descriptor_ < 0 || ::read(descriptor_, &count, sizeof count) > 0;
  static_cast<void>(was_told);
}

void Beside::stop() {
  while (!is_done_) {
    client_.stop();
    pollfd done{descriptor_, POLLIN, 0};
    ::poll(&done, 1, kStopIntervalMs);
  }
  finish();
}

}  // namespace konekwa::cli
