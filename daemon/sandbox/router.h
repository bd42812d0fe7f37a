// Messages and receipts on their way from one device to others.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

// What the <ack> of a message says.
struct Routed {
  int error = 0;         // 0: none
  std::string phash{};   // of the devices of a group, when the sender's was of others; else ""
};

// A repeated message is acked and goes nowhere, except to devices that asked for it again.
Routed route_message(Network& network, const Party& sender, const wa::Node& message);

// Settles what the receipt settles, and hands it to the devices that it is for.
void route_receipt(Network& network, const Party& sender, const wa::Node& receipt);

// A message from the phone to one of its own companions: keys, history (category=peer).
void route_peer_message(Network& network, const Party& phone, Device& companion, wa::Node enc);

}  // namespace konekwa::sandbox
