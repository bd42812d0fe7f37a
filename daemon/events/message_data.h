// The data of message events, as JSON: message.sent and its like (message_json, the whole object, is in event_log.h).
// Keys that are not known are absent. Pure.
#pragma once

#include <string>

#include "common/json.h"
#include "daemon/store/messages.h"

namespace konekwa::events {

// The event that a state of an outbound message is worth; "" when it is none.
std::string change_event_type(store::MessageState state);
Json change_data(const store::MessageRow& row);

}  // namespace konekwa::events
