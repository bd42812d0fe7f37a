// Receipts of what was sent to a group: each person counts once, and the first one moves the status of the message.
#pragma once

#include "daemon/session/link.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {

// Delivered, inactive, read or played; of one person, or of several at once.
void record_group_receipt(const Link& link, const wa::Node& stanza, const wa::Receipt& receipt,
                          store::WriteBatch& batch);

}  // namespace konekwa::session
