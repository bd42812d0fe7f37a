// The network's state as JSON text: accounts, devices, keys, what waits for whom, what phones remember. Octets are
// base64, stanzas are the octets of the wire.
#pragma once

#include <string>

#include "common/error.h"

namespace konekwa::sandbox {

struct Network;

std::string describe_state(Network& network);
// Into a network without accounts. PROTOCOL when the text is not such a state; nothing is changed then.
Result<> restore_state(Network& network, const std::string& text);

}  // namespace konekwa::sandbox
