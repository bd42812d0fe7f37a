// xmlns=w:sync:app:state: what the devices of an account know in common of chats, contacts and settings, as patches
// that only they can read. The server numbers the patches of a collection, keeps them, and refuses one that does not
// follow the newest; whoever sent it gets what it has missed and tries again. Snapshots there are none: a client that
// asks for one gets the patches from the first on, which every client accepts.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

inline constexpr std::size_t kAppStatePatchesMax = 10'000;      // of a collection
inline constexpr std::size_t kAppStatePatchesAtOnce = 50;       // the rest is has_more_patches

// The <sync> that answers one. The account's other devices hear of new versions.
wa::Node sync_app_state(Network& network, const Party& who, const wa::Node& sync);

}  // namespace konekwa::sandbox
