// Virtual time, and a real wait for what other threads post: processes end when they end.
#pragma once

#include <condition_variable>

#include "tests/support/manual_loop.h"

namespace konekwa::media_probe::test {

class WaitingLoop final : public Loop {
 public:
  Time now() const override { return loop_.now(); }
  void post(Task task) override {
    const std::lock_guard lock(mutex_);
    loop_.post(std::move(task));
    ++posts_;
    posted_.notify_one();
  }
  [[nodiscard]] Timer after(Duration delay, Task task) override { return loop_.after(delay, std::move(task)); }
  bool is_current() const override { return true; }

  konekwa::test::ManualLoop& manual() { return loop_; }

  // Without moving virtual time. Says whether the condition came true.
  bool wait_until(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + seconds(30);
    while (true) {
      std::unique_lock lock(mutex_);
      const std::uint64_t seen = posts_;
      lock.unlock();
      loop_.run_until_idle();
      if (condition()) return true;
      lock.lock();
      if (!posted_.wait_until(lock, give_up, [&] { return posts_ != seen; })) return false;
    }
  }

 private:
  konekwa::test::ManualLoop loop_;
  std::mutex mutex_;
  std::condition_variable posted_;
  std::uint64_t posts_ = 0;
};

}  // namespace konekwa::media_probe::test
