#include "daemon/session/backoff.h"

#include <algorithm>

namespace konekwa::session {
namespace {

constexpr Duration kBase = seconds(1);
constexpr Duration kMax = minutes(5);
constexpr int kDoublingsMax = 9;  // beyond kMax anyway
constexpr Duration kHealthyAfter = seconds(60);

}  // namespace

Duration Backoff::next(int extra_steps) {
  failures_ = std::min(failures_ + 1 + extra_steps, kDoublingsMax);
  const Duration span = std::min<Duration>(kMax, kBase * (1 << (failures_ - 1)));
  return Duration(1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(span.count()))));
}

void Backoff::disconnected(Time now) {
  if (healthy_since_ && now - *healthy_since_ >= kHealthyAfter) failures_ = 0;
  healthy_since_.reset();
}

}  // namespace konekwa::session
