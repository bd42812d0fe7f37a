// xmlns=encrypt: what clients publish of their Signal keys and what they ask of others'.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

inline constexpr int kUploadRefused = 406;

// False when it cannot be read. Breaches of what can be read are violations, and the rest is taken.
bool accept_upload(Network& network, const Party& who, const wa::Node& iq);
bool accept_rotation(Network& network, const Party& who, const wa::Node& rotate);
wa::Node digest_of(const KeyStock& keys);
// The <list> for a <key> query; each bundle costs a one-time prekey.
wa::Node bundles_for(Network& network, const Party& asker, const wa::Node& query);
// A bundle of one device; tells it when few one-time prekeys are left.
wa::PreKeyBundle take_bundle(Network& network, const wa::Jid& asker_lid, Account& account, Device& device);

}  // namespace konekwa::sandbox
