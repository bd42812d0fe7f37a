// When to try again: full jitter over a doubling span, from 1 s to 5 min, forgiven after a minute of health.
#pragma once

#include <optional>

#include "common/random.h"
#include "common/time.h"

namespace konekwa::session {

class Backoff {
 public:
  explicit Backoff(Random& random) : random_(random) {}

  Duration next(int extra_steps = 0);       // the wait before the next try
  void connected(Time now) { healthy_since_ = now; }
  void disconnected(Time now);              // forgets the failures when the connection was healthy for long enough

 private:
  Random& random_;
  int failures_ = 0;
  std::optional<Time> healthy_since_;
};

}  // namespace konekwa::session
