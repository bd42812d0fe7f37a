// A WebSocket server on loopback, for tests of clients: it echoes, over TCP or TLS with a certificate it makes.
// It runs on the loop of the test. "close me" makes it close, "text" makes it send a text message.
#pragma once

#include <memory>
#include <string>

#include "daemon/wa/io/asio_loop.h"

namespace konekwa::test {

class LocalServer {
 public:
  struct Options {
    bool is_tls = false;
    std::string certificate_host = "127.0.0.1";   // a name or an address
    int http_status = 101;                        // anything else: the upgrade is refused with it
  };
  LocalServer(wa::io::AsioLoop& loop, Options options);
  ~LocalServer();

  std::string url() const;
  int port() const;
  std::string ca_file() const;                    // the certificate, which is its own authority
  std::string origin() const;                     // of the last upgrade
  std::string target() const;
  int clients_accepted() const;
  int clients_ended() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace konekwa::test
