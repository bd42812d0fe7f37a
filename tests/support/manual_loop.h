// A Loop on virtual time: nothing happens until the test says so, and an hour takes no time.
// Single-threaded but for post(), which other threads may call.
#pragma once

#include <deque>
#include <mutex>

#include "common/timer_queue.h"

namespace konekwa::test {

class ManualLoop final : public Loop {
 public:
  explicit ManualLoop(Time start = from_unix_seconds(1'773'137'400)) : now_(start) {}  // 2026-03-10T10:10:00Z

  Time now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void post(Task task) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  [[nodiscard]] Timer after(Duration delay, Task task) override {
    return timers_.add(instant() + std::max(delay, Duration::zero()), std::move(task));
  }
  bool is_current() const override { return true; }

  // Runs what was posted and what is due, and what that posts in turn, without moving time. The number of tasks run.
  std::size_t run_until_idle();
  // Moves time forward, stopping at every timer on the way.
  void advance(Duration span);
  // Moves time forward, at most by `limit`, until the condition holds. Says whether it does.
  bool run_until(const std::function<bool()>& condition, Duration limit = seconds(60));
  // When the next timer is due; nothing when there is none.
  std::optional<Time> next_timer();

 private:
  Duration instant() const { return now().time_since_epoch(); }
  bool run_one();
  void set_now(Duration instant);

  mutable std::mutex mutex_;
  Time now_;
  std::deque<Task> posted_;
  TimerQueue timers_;
};

}  // namespace konekwa::test
