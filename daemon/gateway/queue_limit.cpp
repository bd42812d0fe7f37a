#include "daemon/gateway/queue_limit.h"

namespace konekwa {
namespace {
constexpr Duration kRecountInterval = seconds(1);
}

bool QueueLimit::take(const std::string& session, Time now, const std::function<std::int64_t()>& count) {
  const std::lock_guard lock(mutex_);
  auto [entry, is_new] = bounds_.try_emplace(session);
  Bound& bound = entry->second;
  const bool is_reached = bound.waiting >= max_;
  if (is_new || (is_reached && now - bound.counted_at >= kRecountInterval)) bound = {count(), now};
  if (bound.waiting >= max_) return false;
  ++bound.waiting;
  return true;
}

void QueueLimit::forget(const std::string& session) {
  const std::lock_guard lock(mutex_);
  bounds_.erase(session);
}

}  // namespace konekwa
