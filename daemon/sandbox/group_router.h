// Messages to groups and the receipts for them. Called by router.h's functions.
#pragma once

#include "daemon/sandbox/router.h"

namespace konekwa::sandbox {

// Every device of every member gets a stanza of its own: its part of <participants>, then the sender key message.
Routed route_group_message(Network& network, const Party& sender, const wa::Jid& to, const wa::Node& message);
// To the author of the message, who is named as participant: the device for a retry receipt, else all devices.
void route_group_receipt(Network& network, const Party& reader, const wa::Jid& to, const wa::Node& receipt);
// Composing, paused: to the other members' clients that are there.
void route_group_chatstate(Network& network, const Party& sender, const wa::Jid& to, const wa::Node& chatstate);

}  // namespace konekwa::sandbox
