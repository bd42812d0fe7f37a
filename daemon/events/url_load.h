// How much each webhook URL is given at once, in memory: a cap on what is under way, and a breaker. A URL that failed
// many times in a row gets one delivery at a time until one succeeds, so that dead receivers do not eat the places of
// the living. Loop thread.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace konekwa::events {

class UrlLoad {
 public:
  static constexpr int kBreakerFailures = 20;

  explicit UrlLoad(int per_url_max) : per_url_max_(per_url_max) {}

  bool has_room(const std::string& url) const;
  void begin(const std::string& url);
  void end(const std::string& url, bool succeeded);   // the answer is there, or none will come
  std::vector<std::string> full_urls() const;         // that have no room

 private:
  struct Load {
    int under_way = 0;
    int failures_in_a_row = 0;
  };
  bool is_full(const Load& load) const;

  const int per_url_max_;
  std::map<std::string, Load> loads_;   // of URLs with something under way or a failure behind them
};

}  // namespace konekwa::events
