// The iqs of xmlns w:g2: groups are made, read and changed by clients.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

wa::Node answer_group_iq(Network& network, const Party& who, const wa::Node& iq);

}  // namespace konekwa::sandbox
