// Which devices a user has, and which LID: usync queries and the notifications that change the answer.
#pragma once

#include <optional>
#include <vector>

#include "common/error.h"
#include "daemon/wa/node.h"

namespace konekwa::wa {

struct UserDevices {
  Jid user;                                  // as asked
  std::optional<Jid> lid;                    // when the answer has one
  std::vector<std::uint16_t> device_ids;     // 0 is the phone; hosted and unlisted companions are left out
};

// Devices (version 2) and LIDs of these users. context "message".
Node devices_usync_iq(const std::string& id, const std::string& sid, const std::vector<Jid>& users);
// Users that the server does not know are missing from the result.
Result<std::vector<UserDevices>> parse_devices_usync(const Node& iq);

// <notification type=devices>, or account_sync with <devices>: whose list changed, and the LID when it is told.
struct DevicesChanged {
  Jid user;
  std::optional<Jid> lid;
  std::vector<std::uint16_t> removed;        // devices that are gone: their ratchets are of no use
};
std::optional<DevicesChanged> parse_devices_notification(const Node& notification);

}  // namespace konekwa::wa
