// Tasks ordered by when they are due, for the loops. Instants count from any origin the loop chooses.
// Not thread-safe: the loop's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/loop.h"

namespace konekwa {

class TimerQueue {
 public:
  Timer add(Duration at, Task task);
  // When the earliest pending task is due.
  std::optional<Duration> next();
  // Removes and returns the earliest pending task that is due at `now`; of equals, the one added first.
  std::optional<Task> take_due(Duration now);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Duration at{};
    std::uint64_t sequence = 0;
    std::shared_ptr<bool> alive;
    Task task;
  };
  static bool is_later(const Entry& a, const Entry& b);
  void drop_cancelled_front();
  void drop_all_cancelled();

  std::vector<Entry> entries_;  // a heap, earliest in front
  std::uint64_t sequence_ = 0;
  std::size_t sweep_at_ = 64;
};

}  // namespace konekwa
