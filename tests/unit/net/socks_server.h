// A SOCKS5 proxy and what lies behind it, on 127.0.0.1: it takes whatever user, password and target it is told, keeps
// them, and answers the request that follows by itself. One connection at a time, one thread.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace konekwa::test {

class SocksServer {
 public:
  // `refusal`: the error it answers every target with; 0: none.
  explicit SocksServer(char refusal = 0);
  ~SocksServer();
  SocksServer(const SocksServer&) = delete;
  SocksServer& operator=(const SocksServer&) = delete;

  int port() const { return port_; }
  // Of each connection "user:password@name:port"; an address would be "?".
  std::vector<std::string> targets() const;

 private:
  void run();
  void serve(int connection);

  const char refusal_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> targets_;
  std::thread thread_;
};

}  // namespace konekwa::test
