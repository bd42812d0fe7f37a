#include "daemon/events/url_load.h"

#include <algorithm>

namespace konekwa::events {

bool UrlLoad::is_full(const Load& load, Time now) const {
  if (now < load.not_before) return true;
  if (load.is_open()) return load.under_way > 0;
  if (load.is_failing() && failing_under_way_ >= failing_places_) return true;
  return load.under_way >= load.places;
}

bool UrlLoad::has_room(const std::string& url, Time now) const {
  const auto found = loads_.find(url);
  return found == loads_.end() || !is_full(found->second, now);
}

void UrlLoad::begin(const std::string& url, Time now) {
  Load& load = loads_[url];
  ++load.under_way;
  if (load.is_failing()) ++failing_under_way_;
  if (!load.is_catching_up) return;
  // Who comes later than the rate allows has caught up.
  if (now >= load.not_before + 2 * rate_interval() && load.under_way == 1) load.is_catching_up = false;
  load.not_before = std::max(load.not_before, now - rate_interval()) + rate_interval();
}

void UrlLoad::end(const std::string& url, bool succeeded, Time now, Duration pause) {
  Load& load = loads_[url];
  if (load.is_failing()) failing_under_way_ -= load.under_way;
  --load.under_way;
  if (succeeded) {
    if (load.is_open()) load.is_catching_up = true;
    load.failures_in_a_row = 0;
    load.places = std::min(load.places + 1, places_per_url_);
  } else {
    ++load.failures_in_a_row;
    load.places = std::max(load.places / 2, 1);
    load.not_before = std::max(load.not_before, now + (load.is_open() ? std::max(pause, kProbeInterval) : pause));
  }
  if (load.is_failing()) failing_under_way_ += load.under_way;
  if (load.under_way == 0 && !load.is_failing() && !load.is_catching_up) loads_.erase(url);
}

std::vector<std::string> UrlLoad::full_urls(Time now) const {
  std::vector<std::string> out;
  for (const auto& [url, load] : loads_) {
    if (is_full(load, now)) out.push_back(url);
  }
  return out;
}

std::optional<Time> UrlLoad::next_opening(Time now) const {
  std::optional<Time> out;
  for (const auto& [url, load] : loads_) {
    if (load.not_before > now && (!out || load.not_before < *out)) out = load.not_before;
  }
  return out;
}

}  // namespace konekwa::events
