#include "daemon/http/rate_limit.h"

#include <fmt/format.h>

using namespace konekwa;
using http::RateLimiter;

namespace {
const Time kStart = from_unix_seconds(1'773'138'600);
}

TEST_CASE("a burst of twice the rate is let through, and the rate after that") {
  RateLimiter limiter(5);
  for (int i = 0; i < 10; ++i) CHECK(limiter.take("a", kStart).is_allowed);
  const auto refused = limiter.take("a", kStart);
  CHECK_FALSE(refused.is_allowed);
  CHECK(refused.retry_after_s == 1);
  CHECK(refused.remaining == 0);
  CHECK(refused.reset_s == 2);
  CHECK(limiter.take("b", kStart).remaining == 9);
  CHECK(limiter.take("a", kStart + milliseconds(200)).is_allowed);
  CHECK_FALSE(limiter.take("a", kStart + milliseconds(200)).is_allowed);
  CHECK(limiter.take("a", kStart + minutes(1)).remaining == 9);
}

TEST_CASE("a clock that is set back neither gives nor takes") {
  RateLimiter limiter(1);
  CHECK(limiter.take("a", kStart).is_allowed);
  CHECK(limiter.take("a", kStart - hours(1)).is_allowed);
  CHECK_FALSE(limiter.take("a", kStart - hours(1)).is_allowed);
}

TEST_CASE("a rate of 0 is no limit") {
  RateLimiter limiter(0);
  for (int i = 0; i < 1000; ++i) CHECK(limiter.take("a", kStart).is_allowed);
  CHECK_FALSE(limiter.take("a", kStart).has_limit);
}

TEST_CASE("the number of buckets is bounded, and a client that is in the middle of its burst is not forgotten for it") {
  RateLimiter limiter(1);
  CHECK(limiter.take("busy", kStart).is_allowed);
  CHECK(limiter.take("busy", kStart).is_allowed);
  const Time later = kStart + milliseconds(500);
  for (std::size_t i = 0; i < RateLimiter::kBucketsMax - 1; ++i) limiter.take(fmt::format("{}", i), kStart - hours(1));
  limiter.take("one too many", later);
  CHECK_FALSE(limiter.take("busy", later).is_allowed);
}
