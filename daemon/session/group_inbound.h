// What is particular about a message from a group on its way in: it is encrypted under its sender's key for the group,
// which comes in a part of its own, for us alone.
#pragma once

#include <vector>

#include "daemon/session/link.h"
#include "daemon/wa/content.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {

// The <enc> children of a type that we know, those with a sender key in them before those that need it.
std::vector<const wa::Node*> encrypted_parts(const wa::Node& message);

// DUPLICATE, NO_SESSION or PROTOCOL, as SenderKeys::decrypt.
Result<Bytes> open_group_message(Device& device, const wa::MessageInfo& info, ByteView ciphertext);

// A key is taken for the chat that the message came from, whichever group it names.
void accept_sender_key(const Link& link, const wa::MessageInfo& info, const wa::SenderKey& key);

}  // namespace konekwa::session
