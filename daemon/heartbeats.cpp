#include "daemon/heartbeats.h"

#include <algorithm>

#include <fmt/format.h>

namespace konekwa {

void Heartbeats::watch(std::string thread, Ask ask) {
  watched_.push_back({std::move(thread), std::move(ask), std::make_shared<std::atomic<bool>>(false)});
}

bool Heartbeats::beat() {
  const bool all = std::all_of(watched_.begin(), watched_.end(),
                               [](const Watched& w) { return w.has_answered->load(); });
  for (const Watched& watched : watched_) {
    if (all) *watched.has_answered = false;
    watched.ask([has_answered = watched.has_answered] { *has_answered = true; });
  }
  return all;
}

std::string Heartbeats::silent() const {
  std::vector<std::string> names;
  for (const Watched& watched : watched_) {
    if (!*watched.has_answered) names.push_back(watched.thread);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace konekwa
