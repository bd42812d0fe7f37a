#include "daemon/events/webhook_dispatcher.h"

namespace konekwa::events {
namespace {

constexpr std::size_t kStepsMax = 100;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

std::vector<Duration> default_retry_schedule() {
  return {seconds(0), seconds(5), minutes(5), minutes(30), hours(2),
          hours(5),   hours(10),  hours(14),  hours(20),   hours(24)};
}

Result<std::vector<Duration>> parse_retry_schedule(std::string_view text) {
  std::vector<Duration> out;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view step = trimmed(text.substr(0, comma));
    const auto wait = parse_duration(step);
    if (!wait) return fail(ErrorCode::INVALID_REQUEST, fmt::format("'{}' is not a time such as 30s or 5m", step));
    out.push_back(*wait);
    if (out.size() > kStepsMax) return fail(ErrorCode::INVALID_REQUEST, fmt::format("more than {} steps", kStepsMax));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace konekwa::events
