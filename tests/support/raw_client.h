// A client that sends octets as they are, and reads what comes until the server closes.
#pragma once

#include <string>
#include <vector>

namespace konekwa::test {

class RawClient {
 public:
  explicit RawClient(const std::string& address_and_port);              // TCP on 127.0.0.1
  static RawClient on_unix_socket(const std::string& path);
  RawClient(RawClient&& other) noexcept;
  ~RawClient();

  void send(const std::string& octets);
  void end_sending();                      // the server reads an end of file
  std::string read_until(const std::string& text);   // and what came before it
  std::string read_to_end();               // until the server closes; at most 5 s

 private:
  explicit RawClient(int socket);
  int socket_;
  std::string pending_;
};

// The status codes of the answers in what a client read.
std::vector<int> statuses(const std::string& answers);

}  // namespace konekwa::test
