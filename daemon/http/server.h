// The HTTP server: TCP and a Unix socket, threads of its own, one strand a connection. It knows framing, deadlines and
// limits; what a request means is the Application's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/loop.h"
#include "common/random.h"
#include "daemon/http/exchange.h"

namespace konekwa::http {

struct ServerOptions {
  std::string listen;                          // "127.0.0.1:8080"; "": no TCP
  std::string socket_path;                     // "": no Unix socket
  std::vector<int> adopted;                    // listening sockets of the service manager, in place of those two by
                                               // their family; their files stay, and what waits in them
  int threads = 2;
  Duration header_deadline = seconds(10);      // from the first octet of a request to the end of its header
  Duration body_deadline = seconds(30);        // and a second more for each 64 KiB; anew for each 64 KiB to a sink
  Duration write_deadline = seconds(30);
  Duration idle_deadline = seconds(60);        // between requests
  Duration newcomer_deadline = milliseconds(250);   // to the first octet, once the server is about to stop
  std::size_t body_bytes_max = 1024 * 1024;    // a BodySink has its own
  std::size_t connections_max = 5000;
  std::size_t connections_per_address_max = 64;   // not on loopback, where a reverse proxy sits
  std::size_t unauthenticated_max = 4096;         // connections that have not shown a valid key
};

class HttpServer {
 public:
  // Listens when it returns. `application`, `clock` and `random` must outlive the server; every Respond that it gave
  // away must be gone before it is destroyed.
  static Result<std::unique_ptr<HttpServer>> start(ServerOptions options, Application& application, const Loop& clock,
                                                   Random& random);
  ~HttpServer();                               // as stop(), without waiting for requests under way

  // Takes no more connections, answers what is under way for at most `limit`, and joins the threads. The file of a Unix
  // socket is removed, unless it was adopted.
  void stop(Duration limit);

  // Any thread. Calls `everyone`, on one of the server's threads, when each of them has taken work; never when one does
  // not within kRollCallMax.
  void roll_call(Task everyone);

  std::string tcp_address() const;             // "127.0.0.1:8080", with the port that was taken; "" without TCP
  std::string socket_path() const;             // "" without a Unix socket

 private:
  HttpServer();
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::http
