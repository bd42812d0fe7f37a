// Privacy tokens: who has been written to is given a token, and shows it when writing back.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

// `from` trusts `to`: all devices of `to` hear of the token, once a week for each pair.
void give_privacy_token(Network& network, Account& from, Account& to, Time at);
// The error of the <ack> for a message whose token is out of place, or 0. A wrong token is a violation.
int check_privacy_token(Network& network, const Party& sender, const Account& chat, const wa::Node& message);

}  // namespace konekwa::sandbox
