// Answers to usync: which devices people have, their LIDs, whether a number exists.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

// The <usync> of the answer. Who asks for devices hears of later changes.
wa::Node usync_result(Network& network, const Account& asker, const wa::Node& usync);

// Parts of device lists, also of notifications.
wa::Node key_index_list(Network& network, const Account& account);
std::string device_hash(const Account& account);

}  // namespace konekwa::sandbox
