// The checks of everything cryptographic that clients send and that a server can see (each breach is a violation):
// signatures, identities, prekey ids, and the outside of Signal messages.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

void check_signed_prekey(Network& network, const Party& who, const wa::SignedPreKey& prekey);
// One <enc> on its way: version octet, and for a pkmsg identity, registration id, prekey ids and <device-identity>.
void check_ciphertext(Network& network, const Party& sender, const Party& receiver, const wa::Node& enc,
                      const wa::Node& message);
// The <enc type=skmsg> of a message to a group: version octet, key id, and a chain that does not go back.
void check_sender_key_message(Network& network, const Party& sender, const wa::Jid& group, const std::string& id,
                              const wa::Node& enc);
// The keys that a retry receipt offers to the device which is to encrypt again.
void check_retry_receipt(Network& network, const Party& sender, const Party& receiver, const wa::Node& receipt);
void check_device_identity(Network& network, const Party& sender, ByteView container, const std::string& where);

}  // namespace konekwa::sandbox
