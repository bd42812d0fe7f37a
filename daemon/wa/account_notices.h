// What WhatsApp tells an account about itself in notifications. Pure.
#pragma once

#include <optional>

#include "common/time.h"
#include "daemon/wa/node.h"

namespace konekwa::wa {

// <notification type="mex"><update op_name="NotificationUserReachoutTimelockUpdate">JSON: for a while the account may
// not write to people who have not written to it. Nothing when it is not that.
struct ReachoutTimelock {
  bool is_active = false;
  std::optional<Time> ends_at;
};
std::optional<ReachoutTimelock> parse_reachout_timelock(const Node& notification);

// While linking: the phone wants a passkey before it vouches for the device.
bool is_passkey_request(const Node& notification);

}  // namespace konekwa::wa
