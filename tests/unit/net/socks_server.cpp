#include "tests/unit/net/socks_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/loopback_server.h"

namespace konekwa::test {
namespace {

std::string read(int connection, std::size_t size) {
  std::string out(size, '\0');
  if (::recv(connection, out.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) out.assign(size, '\0');
  return out;
}

// A length of one octet, then so many.
std::string read_counted(int connection) {
  return read(connection, static_cast<std::uint8_t>(read(connection, 1)[0]));
}

void write(int connection, const std::string& text) { ::send(connection, text.data(), text.size(), MSG_NOSIGNAL); }

}  // namespace

SocksServer::SocksServer(char refusal) : refusal_(refusal) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) == 0 && ::listen(listener_, 16) == 0) ::getsockname(listener_, any, &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

SocksServer::~SocksServer() {
  ::shutdown(listener_, SHUT_RDWR);   // wakes the thread
  thread_.join();
  ::close(listener_);
}

std::vector<std::string> SocksServer::targets() const {
  const std::lock_guard lock(mutex_);
  return targets_;
}

void SocksServer::run() {
  while (true) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    serve(connection);
    ::close(connection);
  }
}

void SocksServer::serve(int connection) {
  std::string target;
  read(connection, 1);
  const std::string methods = read_counted(connection);
  if (methods.find('\2') == std::string::npos) {
    write(connection, std::string("\5\0", 2));
  } else {
    write(connection, "\5\2");
    read(connection, 1);
    target = read_counted(connection) + ":";
    target += read_counted(connection) + "@";
    write(connection, std::string("\1\0", 2));
  }
  const std::string head = read(connection, 4);
  const std::string name = head[3] == 3 ? read_counted(connection) : "?";
  const std::string port = read(connection, 2);
  target += name + ":" + std::to_string(static_cast<std::uint8_t>(port[0]) << 8 | static_cast<std::uint8_t>(port[1]));
  {
    const std::lock_guard lock(mutex_);
    targets_.push_back(target);
  }
  write(connection, std::string("\5", 1) + refusal_ + std::string("\0\1\0\0\0\0\0\0", 8));
  if (refusal_ != 0) return;
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const std::string octet = read(connection, 1);
    if (octet[0] == '\0') return;
    request += octet;
  }
  write(connection, LoopbackServer::response(200, "from behind"));
}

}  // namespace konekwa::test
