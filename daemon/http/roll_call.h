// Do all threads of a pool take work? A task alone tells that one of them does. So each is given one, and holds it,
// briefly, until the others have theirs: then none has answered for another.
#pragma once

#include <condition_variable>
#include <mutex>

#include "common/loop.h"

namespace konekwa::http {

// How long a thread is held at most. Handlers do not block, so that others come long before.
inline constexpr Duration kRollCallMax = milliseconds(500);

class RollCall {
 public:
  // `everyone` is called once, on the thread that answers last; never when it does not come in time.
  RollCall(int threads, Task everyone, Duration held_max = kRollCallMax);
  void answer();   // any thread; returns when all have, or when `held_max` is over

 private:
  const Duration held_max_;
  std::mutex mutex_;   // guards the rest
  std::condition_variable is_over_changed_;
  Task everyone_;
  int missing_;
  bool is_over_ = false;
};

}  // namespace konekwa::http
