// A connection through a proxy. Includes tls_stream.h, so it is for .cpp files that connect.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/error.h"
#include "common/proxy_url.h"
#include "daemon/wa/io/proxy_dialogue.h"
#include "daemon/wa/io/tcp_connect.h"
#include "daemon/wa/io/tls_stream.h"

namespace konekwa::wa::io {

// What leads to the target: the next octet that is read is the target's first.
struct Tunnel {
  TcpConnect::Socket socket;
  Ssl tls;    // with the proxy, the handshake done: everything runs inside of it. Null unless the proxy is https://
};

// One attempt, on the loop's thread: finds the proxy, connects to it and asks for the target, all within one time
// limit. The target is neither looked up nor dialled here, whatever becomes of the proxy.
// Held by whoever waits for it; after cancel() the callback is not called.
class ProxyConnect : public std::enable_shared_from_this<ProxyConnect> {
 public:
  using Done = std::function<void(Result<Tunnel>)>;   // PROXY_ERROR; never called from inside start()

  struct Options {
    ProxyUrl proxy;
    Ssl tls;                  // of an https:// proxy: a client's session for its host
    Duration timeout = seconds(10);
  };

  ProxyConnect(AsioLoop& loop, Options options, Done done);
  void start(const std::string& host, const std::string& port);
  void cancel();

 private:
  using Error = boost::system::error_code;

  void on_connected(std::optional<TcpConnect::Socket> socket, const std::string& why);
  void on_secured(Error error);
  void say(Bytes octets);
  void listen();
  void on_heard(Error error, std::size_t size);
  void hand_over();
  void refuse(const std::string& why);
  void finish(Result<Tunnel> result);
  void close();
  template <class Next>
  auto then(Next next);
  template <class Operation>
  void on_stream(Operation operation);

  AsioLoop& loop_;
  Options options_;
  Done done_;                               // null: it is over
  std::unique_ptr<ProxyDialogue> dialogue_;
  std::shared_ptr<TcpConnect> connect_;     // until the socket is connected; shared with its own operations
  std::optional<TcpConnect::Socket> socket_;
  std::unique_ptr<TlsStream> tls_;          // has the socket instead, of an https:// proxy
  Bytes saying_, hearing_;
  Timer limit_;
};

}  // namespace konekwa::wa::io
