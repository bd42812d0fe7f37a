// The sandbox on a TCP port: WebSocket at /ws/chat, the admin API at /admin, media at /mms; with TLS, everything on the
// port is TLS, by a certificate for 127.0.0.1 and localhost that it makes. Runs on a thread of its own.
#pragma once

#include <memory>
#include <string>

#include "common/error.h"
#include "daemon/wa/endpoint.h"

namespace konekwa::sandbox {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8090;             // 0: any free one
  bool tls = false;
  std::string state_dir;                 // accounts, root key, certificate; and the port, when 0 was asked for
};

class SandboxServer {
 public:
  static Result<std::unique_ptr<SandboxServer>> start(ServerOptions options);
  ~SandboxServer();                      // closes every connection, saves, joins

  wa::Endpoint endpoint() const;         // url, root key, CA file
  std::string admin_url() const;         // "http://127.0.0.1:8090/admin"
  std::string ready_line() const;        // the JSON line that konekwa-sandbox prints

 private:
  SandboxServer() = default;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::sandbox
