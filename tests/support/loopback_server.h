// A tiny HTTP server on 127.0.0.1 for tests of clients: it keeps what it was asked and answers raw octets of the
// test's choice. One connection at a time, one thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace konekwa::test {

class LoopbackServer {
 public:
  // From a whole request to the octets of the answer. "" hangs up; kSilence keeps the connection and says nothing.
  using Answer = std::function<std::string(const std::string& request)>;
  static constexpr const char* kSilence = "silence";

  explicit LoopbackServer(Answer answer);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  std::vector<std::string> requests() const;

  static std::string response(int status, const std::string& body = "", const std::string& more_headers = "");

 private:
  void run();
  void serve(int connection);
  std::string read_request(int connection) const;
  void wait_for_end(int connection) const;

  const Answer answer_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};   // a pipe: closing its end wakes every wait
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace konekwa::test
