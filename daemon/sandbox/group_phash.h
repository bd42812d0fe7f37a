// The hash of all devices of a group that clients put on messages: it tells them that their list is old.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

// "" when `claimed` is the hash of the group's devices, in any of the forms that clients write; else the right one.
std::string corrected_phash(Network& network, const Group& group, const Party& sender, const std::string& claimed);

}  // namespace konekwa::sandbox
