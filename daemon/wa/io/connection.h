// Nodes over Noise over a Transport, for either end: the client verifies the server's certificate chain against the
// endpoint's root key; the server end is the sandbox's.
// Lives on the loop's thread. Owned by a session, or by the sandbox for each client.
#pragma once

#include <memory>

#include "common/loop.h"
#include "common/random.h"
#include "daemon/wa/certificate.h"
#include "daemon/wa/io/transport.h"
#include "daemon/wa/node.h"

namespace konekwa::wa::io {

class Connection {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    // Client: the handshake is done, nodes may be sent (login is judged by the server's first node).
    // Server: the same, with what the client said of itself.
    virtual void on_connection_ready(const Key& peer_static_key, Bytes client_payload) = 0;
    virtual void on_connection_node(Node node) = 0;
    virtual void on_connection_closed(Error why) = 0;  // once; the connection may be destroyed from inside it
  };

  struct ClientOptions {
    Endpoint endpoint;
    KeyPair noise_key;          // the device's persistent key
    Bytes client_payload;       // serialized ClientPayload
    Bytes routing_info;         // from <ib><edge_routing>; empty: no "ED" prefix
    Duration handshake_timeout = seconds(20);
  };
  static std::unique_ptr<Connection> connect(Loop& loop, Random& random, Connector& connector, ClientOptions options,
                                             Handler& handler);

  // The server end of an accepted transport. The caller creates the transport with the returned object as its
  // handler: `make` is called once with it.
  using MakeTransport = std::function<std::unique_ptr<Transport>(Transport::Handler&)>;
  static std::unique_ptr<Connection> accept(Loop& loop, Random& random, const ServerIdentity& identity,
                                            const MakeTransport& make, Handler& handler);

  virtual ~Connection() = default;
  virtual void send(const Node& node) = 0;      // after on_connection_ready; ignored once closed
  // The same for what pack_node() makes of a node, or for what a test would have the other end believe to be that.
  virtual void send_packed(ByteView plaintext) = 0;
  virtual void close() = 0;                     // flush, then end; on_connection_closed follows
  virtual void set_reading(bool enabled) = 0;
  virtual Time last_received_at() const = 0;    // of any frame; for liveness
};

}  // namespace konekwa::wa::io
