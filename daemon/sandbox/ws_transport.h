// The server's end of a WebSocket as a Transport. A header with Beast in it, for http_connection.cpp, which has read
// the request already.
#pragma once

#include <memory>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "daemon/wa/io/transport.h"

namespace konekwa::sandbox {

class SocketStream;
using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

std::unique_ptr<wa::io::Transport> make_ws_transport(SocketStream stream, UpgradeRequest request,
                                                     wa::io::Transport::Handler& handler);

}  // namespace konekwa::sandbox
