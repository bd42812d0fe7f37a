// Finding a host's addresses and connecting to the first that answers. For .cpp files: there is Asio in it.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/wa/io/asio_loop.h"

namespace konekwa::wa::io {

// One attempt, on the loop's thread. Keeps itself alive until it is done; after cancel() the callback is not called.
class TcpConnect : public std::enable_shared_from_this<TcpConnect> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // A socket, or why there is none. Never called from inside start().
  using Done = std::function<void(std::optional<Socket> socket, const std::string& why)>;

  TcpConnect(AsioLoop& loop, Done done);
  void start(const std::string& host, const std::string& port);
  void cancel();

 private:
  void try_next(const std::string& last_error);
  void finish(std::optional<Socket> socket, const std::string& why);

  AsioLoop& loop_;
  Done done_;
  boost::asio::ip::tcp::resolver resolver_;
  Socket socket_;
  std::vector<boost::asio::ip::tcp::endpoint> endpoints_;   // still to be tried, last first
  Timer patience_;
};

}  // namespace konekwa::wa::io
