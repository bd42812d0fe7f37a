#include "daemon/events/delivery_outcome.h"

#include "daemon/events/webhook_request.h"

namespace konekwa::events {
namespace {

using store::DeliveryState;

constexpr int kGone = 410;

Duration jittered(Duration wait, double jitter, Random& random) {
  const double factor = 1.0 + jitter * (2.0 * random.unit() - 1.0);
  return Duration(static_cast<Duration::rep>(static_cast<double>(wait.count()) * factor));
}

// When it is tried again; nothing: never.
std::optional<Time> next_attempt(const store::DeliveryRow& row, std::optional<Duration> asked_to_wait,
                                 const WebhookOptions& options, Time now, Random& random) {
  const auto attempts = static_cast<std::size_t>(row.attempts) + 1;
  if (attempts >= options.retry_schedule.size()) return std::nullopt;
  Duration wait = jittered(options.retry_schedule[attempts], options.jitter, random);
  if (asked_to_wait) wait = std::max(wait, *asked_to_wait);
  const bool is_of_use = !row.expires_at || now + wait < *row.expires_at;
  return is_of_use ? std::optional(now + wait) : std::nullopt;
}

}  // namespace

Outcome judge(const store::DeliveryRow& row, const Result<net::WebResponse>& answer, const WebhookOptions& options,
              Time started, Time now, Random& random) {
  Outcome out;
  out.attempt.at = started;
  out.attempt.latency = now - started;
  out.attempt.next_attempt_at = now;
  if (answer) {
    out.attempt.http_status = answer->status;
    out.attempt.response = response_kept(answer->body);
    if (answer->status >= 200 && answer->status < 300) {
      out.attempt.state = DeliveryState::DELIVERED;
      return out;
    }
    out.attempt.error = fmt::format("HTTP {}", answer->status);
    out.is_gone = answer->status == kGone;
    if (answer->retry_after) out.pause = std::min(*answer->retry_after, kRetryAfterMax);
  } else {
    out.attempt.error = answer.error().details.empty() ? answer.error().message : answer.error().details;
  }
  const auto next = out.is_gone ? std::nullopt : next_attempt(row, out.pause, options, now, random);
  out.attempt.state = next ? DeliveryState::RETRYING : DeliveryState::DEAD;
  if (next) out.attempt.next_attempt_at = *next;
  return out;
}

}  // namespace konekwa::events
