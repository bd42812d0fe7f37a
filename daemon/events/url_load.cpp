#include "daemon/events/url_load.h"

namespace konekwa::events {

bool UrlLoad::is_full(const Load& load) const {
  return load.under_way >= (load.failures_in_a_row >= kBreakerFailures ? 1 : per_url_max_);
}

bool UrlLoad::has_room(const std::string& url) const {
  const auto found = loads_.find(url);
  return found == loads_.end() || !is_full(found->second);
}

void UrlLoad::begin(const std::string& url) { ++loads_[url].under_way; }

void UrlLoad::end(const std::string& url, bool succeeded) {
  Load& load = loads_[url];
  --load.under_way;
  load.failures_in_a_row = succeeded ? 0 : load.failures_in_a_row + 1;
  if (succeeded && load.under_way == 0) loads_.erase(url);
}

std::vector<std::string> UrlLoad::full_urls() const {
  std::vector<std::string> out;
  for (const auto& [url, load] : loads_) {
    if (is_full(load)) out.push_back(url);
  }
  return out;
}

}  // namespace konekwa::events
