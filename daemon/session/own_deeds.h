// What the API's caller did to a message of ours: an edit or a deletion is a message of its own, and changes the row
// that it is about once WhatsApp has it, as one from the phone does.
#pragma once

#include "daemon/store/messages.h"

namespace konekwa::session {

// In a batch. Does nothing for other types. To be called for each deed in the order in which WhatsApp took them.
void apply_own_deed(store::Database& db, const store::MessageRow& deed, Time at);
// The same for a receipt that came before WhatsApp's ack, which then may never come: `deed` as it is after it.
void apply_if_overtaken(store::Database& db, const store::MessageRow& deed, Time receipt_at);

}  // namespace konekwa::session
