// ws:// and wss:// URLs, as an Endpoint has them.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"

namespace konekwa::wa::io {

struct WebSocketUrl {
  bool is_tls = false;
  std::string host;     // a name or an address; IPv6 without brackets
  std::string port;     // decimal; the scheme's default when the URL has none
  std::string target;   // path and query, "/" at least

  // What the Host header says: the port only when it is not the scheme's own.
  std::string authority() const;
};

Result<WebSocketUrl> parse_websocket_url(std::string_view url);   // INVALID_REQUEST

}  // namespace konekwa::wa::io
