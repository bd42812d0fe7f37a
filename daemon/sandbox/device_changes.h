// Devices come and go: who has to hear of it does.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

void announce_linked(Network& network, const Party& added);
// Removes a companion, ends its connection with "device removed" and tells everybody. False: there is none.
bool unlink_device(Network& network, Account& account, std::uint16_t id);

}  // namespace konekwa::sandbox
