// A proxy on loopback, for tests of clients: CONNECT or SOCKS5, over TCP or TLS. It keeps what it was asked for, and
// leads to one port of loopback whatever that was, so names need not exist. It runs on the loop of the test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/wa/io/asio_loop.h"

namespace konekwa::test {

class FakeProxy {
 public:
  struct Options {
    bool is_socks = false;
    bool is_tls = false;
    std::string user, password;        // empty: it asks for nothing
    int target_port = 0;               // on loopback; nobody there: the target is refused
    std::string early;                 // octets of the target, in one packet with the answer
    std::vector<std::string> script;   // said instead, one each time the client speaks
    bool hangs_up = false;             // after the script; otherwise silence
  };
  FakeProxy(wa::io::AsioLoop& loop, Options options);
  ~FakeProxy();

  std::string url(const std::string& credentials = {}) const;   // "user:password"
  std::string ca_file() const;
  // "name web.whatsapp.com:443", "ipv4 127.0.0.1:443"; of CONNECT as it came, "connect host:port".
  const std::vector<std::string>& targets() const;
  int clients_accepted() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace konekwa::test
