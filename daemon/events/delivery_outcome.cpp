#include "daemon/events/delivery_outcome.h"

namespace konekwa::events {
namespace {

using store::DeliveryState;

constexpr int kGone = 410;

Duration jittered(Duration wait, double jitter, Random& random) {
  const double factor = 1.0 + jitter * (2.0 * random.unit() - 1.0);
  return Duration(static_cast<Duration::rep>(static_cast<double>(wait.count()) * factor));
}

Outcome retry_or_die(Outcome failed, const store::DeliveryRow& row, std::optional<Duration> asked_to_wait,
                     const WebhookOptions& options, Time now, Random& random) {
  failed.state = DeliveryState::DEAD;
  const auto attempts = static_cast<std::size_t>(row.attempts) + 1;
  if (attempts >= options.retry_schedule.size()) return failed;

  Duration wait = jittered(options.retry_schedule[attempts], options.jitter, random);
  if (asked_to_wait) wait = std::max(wait, std::min(*asked_to_wait, kRetryAfterMax));
  failed.next_attempt_at = now + wait;
  if (row.expires_at && failed.next_attempt_at >= *row.expires_at) return failed;   // of no use by then
  failed.state = DeliveryState::RETRYING;
  return failed;
}

}  // namespace

Outcome judge(const store::DeliveryRow& row, const Result<net::WebResponse>& answer, const WebhookOptions& options,
              Time now, Random& random) {
  Outcome out;
  if (!answer) {
    out.error = answer.error().details.empty() ? answer.error().message : answer.error().details;
    return retry_or_die(std::move(out), row, std::nullopt, options, now, random);
  }
  out.http_status = answer->status;
  if (answer->status >= 200 && answer->status < 300) {
    out.state = DeliveryState::DELIVERED;
    return out;
  }
  out.error = fmt::format("HTTP {}", answer->status);
  if (answer->status == kGone) return out;   // the receiver wants no more of it
  return retry_or_die(std::move(out), row, answer->retry_after, options, now, random);
}

}  // namespace konekwa::events
