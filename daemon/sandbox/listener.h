// One TCP port: WebSocket at /ws/chat, the admin API, media, and "ok" at /. With a TLS identity everything on it is
// TLS. Lives on the loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/sandbox/sandbox.h"
#include "daemon/sandbox/tls_identity.h"
#include "daemon/wa/io/asio_loop.h"

namespace konekwa::sandbox {

class Listener {
 public:
  // Binds at once, so that the port is known; NETWORK when it cannot.
  static Result<std::unique_ptr<Listener>> bind(wa::io::AsioLoop& loop, const std::string& address, std::uint16_t port,
                                                const std::optional<TlsIdentity>& tls);
  virtual ~Listener() = default;                 // no new connections; those that are there end

  virtual std::uint16_t port() const = 0;
  virtual void serve(Sandbox& sandbox) = 0;      // begins to accept
};

}  // namespace konekwa::sandbox
