#include "daemon/http/roll_call.h"

namespace konekwa::http {

RollCall::RollCall(int threads, Task everyone, Duration held_max)
    : held_max_(held_max), everyone_(std::move(everyone)), missing_(threads) {}

void RollCall::answer() {
  std::unique_lock lock(mutex_);
  if (is_over_) return;
  const bool is_last = --missing_ == 0;
  if (!is_last) is_over_changed_.wait_for(lock, held_max_, [this] { return is_over_; });
  if (is_over_) return;
  is_over_ = true;   // complete, or too late for those who have not come
  lock.unlock();
  is_over_changed_.notify_all();
  if (is_last) everyone_();
}

}  // namespace konekwa::http
