// One client of the HTTP server: framing, deadlines, keep-alive and streams, on a strand of the server's threads.
#pragma once

#include <memory>

#include "daemon/http/exchange.h"
#include "daemon/http/server.h"

namespace boost::asio {
class io_context;
}

namespace konekwa::http {

class Connection;

// What the connections of a server share. It outlives them: whoever holds a Respond lets go of it before the server is
// destroyed. Its functions are called on any thread.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual const ServerOptions& options() const = 0;
  virtual Application& application() = 0;
  virtual const Loop& clock() const = 0;
  virtual Random& random() = 0;
  virtual boost::asio::io_context& io() = 0;
  virtual bool is_draining() const = 0;            // closes what is idle, and keeps nothing alive
  virtual bool is_stopped() const = 0;             // sends nothing more
  virtual void note_authenticated() = 0;           // once by a connection
  virtual void remove(const Connection& gone) = 0; // the last that a connection does
  // Runs the task on an HTTP thread. Many at once cost one wake-up: a group of messages becomes durable in one moment,
  // and all who sent them are answered.
  virtual void hand_over(Task task) = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual const Peer& peer() const = 0;
  virtual bool is_authenticated() const = 0;
  virtual void start() = 0;
  virtual void close(bool only_if_idle) = 0;
  virtual void check_deadline() = 0;               // now and then, on any thread
};

// Takes the socket over. Alive while it waits for something; the host learns of its end by remove().
std::shared_ptr<Connection> make_connection(ConnectionHost& host, int socket, int family, Peer peer);

}  // namespace konekwa::http
