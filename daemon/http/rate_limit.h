// How often each client may ask: token buckets by key. A bucket holds `burst` requests and gets `rate` a second back.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "common/time.h"

namespace konekwa::http {

struct RateLimits {
  int per_key = 50;       // requests a second of one API key, 0: no limit; twice as many in a burst
  int per_address = 50;   // of one IP address on routes without a key, and with a wrong one
};

class RateLimiter {
 public:
  explicit RateLimiter(int rate) : rate_(rate), burst_(2.0 * rate) {}

  struct Verdict {
    bool is_allowed = true;
    bool has_limit = false;      // false: nothing below says anything
    int remaining = 0;           // requests that may follow at once
    int reset_s = 0;             // until all of the burst is there again
    int retry_after_s = 0;       // of a refused one
  };
  // Any thread. Takes one request out of the bucket of `who`.
  Verdict take(const std::string& who, Time now);
  int rate() const { return rate_; }

  static constexpr std::size_t kBucketsMax = 16'384;   // beyond it full buckets are forgotten, which changes nothing

 private:
  struct Bucket {
    double level = 0;
    Time at{};
  };
  void forget_full(Time now);
  double level_at(const Bucket& bucket, Time now) const;

  const int rate_;
  const double burst_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace konekwa::http
