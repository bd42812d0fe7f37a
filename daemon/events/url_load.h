// How much each webhook URL is given at once, in memory. A URL begins with a few places, gets more with each success
// and half with each failure; after many failures in a row its breaker opens, and it is tried with one delivery at a
// time, every half minute. Those that fail may not take more than half of all places. So receivers that are dead or
// hang leave the places of the living alone. After an outage a URL gets what has piled up at a limited rate. Loop
// thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/time.h"

namespace konekwa::events {

class UrlLoad {
 public:
  static constexpr int kBreakerFailures = 20;
  static constexpr Duration kProbeInterval = seconds(30);   // of an open breaker
  static constexpr int kPlacesFirst = 2;                    // of a URL that nothing is known of

  // `max_rate`: deliveries a second to a URL that has recovered, until it has caught up.
  UrlLoad(int places, int places_per_url, int max_rate)
      : failing_places_(places > 1 ? places / 2 : 1), places_per_url_(places_per_url), max_rate_(max_rate) {}

  bool has_room(const std::string& url, Time now) const;
  void begin(const std::string& url, Time now);
  // The answer is there, or none will come. `pause`: the receiver asked to be left alone for so long.
  void end(const std::string& url, bool succeeded, Time now, Duration pause = {});
  std::vector<std::string> full_urls(Time now) const;           // that have no room
  // When a URL gets room because time passes, the earliest behind `now`; what ends gives room by itself.
  std::optional<Time> next_opening(Time now) const;

 private:
  struct Load {
    int under_way = 0;
    int places = kPlacesFirst;
    int failures_in_a_row = 0;
    Time not_before{};           // of an open breaker, a limited rate or a pause
    bool is_catching_up = false;
    bool is_failing() const { return failures_in_a_row > 0; }
    bool is_open() const { return failures_in_a_row >= kBreakerFailures; }
  };
  bool is_full(const Load& load, Time now) const;
  Duration rate_interval() const { return Duration(1'000) / max_rate_; }

  const int failing_places_;
  const int places_per_url_;
  const int max_rate_;
  int failing_under_way_ = 0;
  std::map<std::string, Load> loads_;   // of URLs with something under way or something to remember
};

}  // namespace konekwa::events
