#include "daemon/http/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace konekwa::http {
namespace {

int seconds_until(double missing, int rate) { return static_cast<int>(std::ceil(missing / rate)); }

}  // namespace

double RateLimiter::level_at(const Bucket& bucket, Time now) const {
  // A clock that was set back gives nothing, and takes nothing.
  const auto passed = std::max<Duration::rep>((now - bucket.at).count(), 0);
  return std::min(burst_, bucket.level + rate_ * static_cast<double>(passed) / 1000.0);
}

RateLimiter::Verdict RateLimiter::take(const std::string& who, Time now) {
  Verdict out;
  if (rate_ <= 0) return out;
  out.has_limit = true;
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kBucketsMax && !buckets_.contains(who)) forget_full(now);
  auto [entry, is_new] = buckets_.try_emplace(who, Bucket{burst_, now});
  Bucket& bucket = entry->second;
  bucket.level = level_at(bucket, now);
  bucket.at = now;
  out.is_allowed = bucket.level >= 1.0;
  if (out.is_allowed) bucket.level -= 1.0;
  else out.retry_after_s = std::max(1, seconds_until(1.0 - bucket.level, rate_));
  out.remaining = static_cast<int>(bucket.level);
  out.reset_s = seconds_until(burst_ - bucket.level, rate_);
  return out;
}

void RateLimiter::forget_full(Time now) {
  std::erase_if(buckets_, [&](const auto& entry) { return level_at(entry.second, now) >= burst_; });
  // Many clients that all ask: whoever is forgotten begins with a whole burst, and the memory stays bounded.
  if (buckets_.size() >= kBucketsMax) buckets_.clear();
}

}  // namespace konekwa::http
