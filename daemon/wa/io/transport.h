// The seam between the protocol and the network: binary messages over a WebSocket.
#pragma once

#include <memory>

#include "common/bytes.h"
#include "common/error.h"
#include "daemon/wa/endpoint.h"

namespace konekwa::wa::io {

class Transport {
 public:
  // Told on the loop's thread, never from inside a call into the transport.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void on_transport_open() = 0;
    virtual void on_transport_message(Bytes message) = 0;
    virtual void on_transport_closed(Error why) = 0;  // once, also after a failed connect; nothing follows it
  };

  virtual ~Transport() = default;                 // ends the connection; the handler hears nothing more
  virtual void send(Bytes message) = 0;           // in order; queued while an earlier one is being written
  virtual void close() = 0;                       // flushes what was sent, then ends; on_transport_closed follows
  virtual void set_reading(bool enabled) = 0;     // false: leave octets in the kernel, so that the peer slows down
};

// Makes client transports. The handler must outlive the transport.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual std::unique_ptr<Transport> connect(const Endpoint& endpoint, Transport::Handler& handler) = 0;
};

}  // namespace konekwa::wa::io
