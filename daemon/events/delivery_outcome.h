// What an answer means for a delivery: done, again at some time, or dead. Pure but for the jitter it draws.
#pragma once

#include <optional>
#include <string>

#include "common/random.h"
#include "daemon/events/webhook_dispatcher.h"

namespace konekwa::events {

struct Outcome {
  store::DeliveryState state = store::DeliveryState::DEAD;
  std::optional<int> http_status;
  std::string error;          // "" when it was delivered
  Time next_attempt_at{};     // of a RETRYING one
};

inline constexpr Duration kRetryAfterMax = hours(1);

// `row` is as it was before the attempt.
Outcome judge(const store::DeliveryRow& row, const Result<net::WebResponse>& answer, const WebhookOptions& options,
              Time now, Random& random);

}  // namespace konekwa::events
