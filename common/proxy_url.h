// The proxy of a session, as a user writes it: http://, https:// (TLS to the proxy) or socks5://, with user and
// password when it wants them. The host that is wanted is always resolved by the proxy; socks5h:// says the same as
// socks5://. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"

namespace konekwa {

struct ProxyUrl {
  enum class Kind { Http, Https, Socks5 };
  Kind kind = Kind::Http;
  std::string host;         // a name or an address; IPv6 without brackets
  std::uint16_t port = 0;   // 80, 443 or 1080 when the URL has none
  std::string user;         // decoded; empty: the proxy asks for nothing
  std::string password;     // decoded

  // host:port, for a person to read: without the credentials.
  std::string address() const;
};

// INVALID_PROXY_URL; details say what is wrong, and repeat nothing of the URL.
Result<ProxyUrl> parse_proxy_url(std::string_view text);

// The URL with *** in place of its password. A text that is not such a URL is *** altogether, since nobody knows which
// part of it is secret.
std::string masked_proxy_url(std::string_view text);

}  // namespace konekwa
