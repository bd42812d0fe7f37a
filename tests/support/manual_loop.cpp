#include "tests/support/manual_loop.h"

#include "common/error.h"

namespace konekwa::test {
namespace {

// A turn that never ends is a bug in the code under test; it should fail, not hang.
constexpr std::size_t kTasksPerTurnMax = 10'000'000;

}  // namespace

bool ManualLoop::run_one() {
  Task task;
  {
    const std::lock_guard lock(mutex_);
    if (!posted_.empty()) {
      task = std::move(posted_.front());
      posted_.pop_front();
    }
  }
  if (!task) {
    auto due = timers_.take_due(instant());
    if (!due) return false;
    task = std::move(*due);
  }
  task();
  return true;
}

std::size_t ManualLoop::run_until_idle() {
  std::size_t count = 0;
  while (run_one()) KONEKWA_ASSERT(++count < kTasksPerTurnMax);
  return count;
}

void ManualLoop::advance(Duration span) {
  const auto end = instant() + span;
  run_until_idle();
  for (auto next = timers_.next(); next && *next <= end; next = timers_.next()) {
    set_now(*next);
    run_until_idle();
  }
  set_now(end);
}

bool ManualLoop::run_until(const std::function<bool()>& condition, Duration limit) {
  const auto end = instant() + limit;
  while (!condition()) {
    if (run_one()) continue;
    const auto next = timers_.next();
    if (!next || *next > end) {
      set_now(end);
      return false;
    }
    set_now(*next);
  }
  return true;
}

std::optional<Time> ManualLoop::next_timer() {
  const auto next = timers_.next();
  return next ? std::optional(Time(*next)) : std::nullopt;
}

void ManualLoop::set_now(Duration instant) {
  const std::lock_guard lock(mutex_);
  now_ = std::max(now_, Time(instant));
}

}  // namespace konekwa::test
