// Is there room in the outbox of a session? Kept as an upper bound in memory, because counting the rows for every
// message would cost more than the message. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "common/time.h"

namespace konekwa {

class QueueLimit {
 public:
  explicit QueueLimit(std::int64_t max) : max_(max) {}

  // True when one more may be queued, and counts it. `count` tells how many wait; it is asked at first, and when the
  // bound is reached, at most once a second.
  bool take(const std::string& session, Time now, const std::function<std::int64_t()>& count);
  void forget(const std::string& session);

 private:
  struct Bound {
    std::int64_t waiting = 0;
    Time counted_at{};
  };
  const std::int64_t max_;
  std::mutex mutex_;
  std::map<std::string, Bound> bounds_;
};

}  // namespace konekwa
