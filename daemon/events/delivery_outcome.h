// What an answer means for a delivery: done, again at some time, or dead. Pure but for the jitter it draws.
#pragma once

#include <optional>
#include <string>

#include "common/random.h"
#include "daemon/events/webhook_dispatcher.h"

namespace konekwa::events {

struct Outcome {
  store::DeliveryAttempt attempt;
  bool is_gone = false;              // 410: the receiver wants no more of it, nor of what follows
  std::optional<Duration> pause;     // that the receiver asked for, for everything
};

inline constexpr Duration kRetryAfterMax = hours(1);

// `row` is as it was before the attempt, which began at `started` and has its answer now.
Outcome judge(const store::DeliveryRow& row, const Result<net::WebResponse>& answer, const WebhookOptions& options,
              Time started, Time now, Random& random);

}  // namespace konekwa::events
