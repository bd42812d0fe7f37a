// Who sent a request: the key in X-API-Key (or Authorization: Bearer), or the credentials of the Unix socket's peer.
#pragma once

#include <optional>

#include "common/error.h"
#include "daemon/gateway.h"
#include "daemon/http/exchange.h"

namespace konekwa::http {

// FORBIDDEN for who may not use the Unix socket at all.
Result<> check_peer(const Peer& peer);

// A key that is given counts on the Unix socket too, and narrows to what it may. X-Konekwa-Tenant picks the tenant of
// an admin. UNAUTHORIZED without any key. The peer was checked.
// `address`: the client's, as far as it is known.
Result<Caller> identify(Gateway& gateway, const Request& request, const std::string& address);

}  // namespace konekwa::http
