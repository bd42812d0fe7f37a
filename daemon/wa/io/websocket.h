// Transports over a real network: Beast's WebSocket over TCP (ws://) or over an fd-based TLS stream (wss://), which
// takes 32 KB a connection where asio::ssl takes 84. Certificates are verified against the system's authorities or the
// endpoint's CA file. Where the endpoint has a proxy, everything goes through that or not at all: a proxy that fails
// ends the transport with PROXY_ERROR. Everything runs on the loop's thread.
#pragma once

#include <memory>

#include "daemon/wa/io/asio_loop.h"
#include "daemon/wa/io/transport.h"

namespace konekwa::wa::io {

std::unique_ptr<Connector> make_websocket_connector(AsioLoop& loop, Duration proxy_timeout = seconds(10));

}  // namespace konekwa::wa::io
