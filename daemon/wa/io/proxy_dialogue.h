// What is said to a proxy before it passes octets on: HTTP's CONNECT (RFC 9110 section 9.3.6), or SOCKS5 (RFC 1928)
// with user and password (RFC 1929). The host goes to the proxy as it is, a name as a name: nothing is resolved here.
// Pure functions on octets, so that ProxyConnect is left with the socket and the time, and a fuzzer with the rest.
#pragma once

#include <memory>
#include <string>

#include "common/bytes.h"
#include "common/error.h"
#include "common/proxy_url.h"

namespace konekwa::wa::io {

// One dialogue, used as: send opening(); then, while octets_wanted() is not 0, read that many at most, take() them and
// send what it returns.
class ProxyDialogue {
 public:
  // Octets of headers; proxies that say more say it to a browser.
  static constexpr std::size_t kAnswerOctetsMax = 8 * 1024;

  virtual ~ProxyDialogue() = default;
  virtual Bytes opening() const = 0;
  // How many octets may be read. Never more than are certain to be the proxy's: what follows its last one is the
  // target's already. 0: the tunnel is open.
  virtual std::size_t octets_wanted() const = 0;
  // Octets as they come, at most octets_wanted(). PROXY_ERROR when the proxy refuses or says something else; details
  // never have the password in them.
  virtual Result<Bytes> take(ByteView octets) = 0;
};

// For a tunnel to a host (a name or an address, IPv6 without brackets) and a decimal port. PROXY_ERROR when the name is
// too long to be said.
Result<std::unique_ptr<ProxyDialogue>> make_proxy_dialogue(const ProxyUrl& proxy, const std::string& host,
                                                           const std::string& port);

}  // namespace konekwa::wa::io
