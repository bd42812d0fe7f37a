#include "tests/support/raw_client.h"

#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace konekwa::test {

RawClient::RawClient(const std::string& address_and_port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address_and_port.substr(address_and_port.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
  const timeval limit{5, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

RawClient::RawClient(int socket) : socket_(socket) {}

RawClient RawClient::on_unix_socket(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, path.c_str(), sizeof(to.sun_path) - 1);
  RawClient client(::socket(AF_UNIX, SOCK_STREAM, 0));
  REQUIRE(::connect(client.socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
  return client;
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), pending_(std::move(other.pending_)) {}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

void RawClient::send(const std::string& octets) {
  // The server may have closed already, which some tests provoke.
  (void)::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
}

void RawClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

std::string RawClient::read_until(const std::string& text) {
  char buffer[4096];
  for (;;) {
    if (const std::size_t at = pending_.find(text); at != std::string::npos) {
      std::string out = pending_.substr(0, at + text.size());
      pending_.erase(0, at + text.size());
      return out;
    }
    const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (count <= 0) return std::exchange(pending_, {});
    pending_.append(buffer, static_cast<std::size_t>(count));
  }
}

std::string RawClient::read_to_end() {
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (count <= 0) return std::exchange(pending_, {});
    pending_.append(buffer, static_cast<std::size_t>(count));
  }
}

std::vector<int> statuses(const std::string& answers) {
  std::vector<int> out;
  for (std::size_t at = answers.find("HTTP/1.1 "); at != std::string::npos; at = answers.find("HTTP/1.1 ", at + 1)) {
    out.push_back(std::stoi(answers.substr(at + 9, 3)));
  }
  return out;
}

}  // namespace konekwa::test
