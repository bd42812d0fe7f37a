#include "daemon/http/listen.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "daemon/http/peer_credentials.h"

namespace konekwa::http {
namespace {

constexpr int kSocketFlags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

tl::unexpected<Error> system_failure(const std::string& what) {
  const int number = errno;
  const ErrorCode code = number == EADDRINUSE ? ErrorCode::CONFLICT : ErrorCode::INVALID_REQUEST;
  return tl::make_unexpected(Error(code, "cannot listen on " + what, std::strerror(number)));
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = text.substr(0, colon);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  Address out;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    out.size = sizeof(v6);
    if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) == 1) return out;
    return std::nullopt;
  }
  if (host == "localhost") host = "127.0.0.1";
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  out.size = sizeof(v4);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) return out;
  return std::nullopt;
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return fail(Error(ErrorCode::INVALID_REQUEST, "cannot listen on " + path,
                      fmt::format("the path is longer than {} characters", sizeof(address.sun_path) - 1)));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// Members of the group must be able to pass through it; without a group it is the user's own. An existing one is left
// as it is; failures show when the socket is bound.
void make_directory_for(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (folder.empty() || !std::filesystem::create_directories(folder, ignored)) return;
  ::chmod(folder.c_str(), admin_group() ? 0755 : 0700);
}

// A daemon that was killed leaves its socket file. Only an answer tells it from one in use.
Result<> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return fail(Error(ErrorCode::CONFLICT, "cannot listen on " + path, "there is a file that is not a socket"));
  }
  const int probe = ::socket(AF_UNIX, kSocketFlags, 0);
  if (probe < 0) return system_failure(path);
  const bool is_alive = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
                        errno != ECONNREFUSED;
  ::close(probe);
  if (is_alive) {
    return fail(Error(ErrorCode::CONFLICT, "cannot listen on " + path, "another process listens there"));
  }
  if (::unlink(path.c_str()) != 0) return system_failure(path);
  return {};
}

// With access restricted from the first moment: the mode is set before listen(), when nobody can connect yet.
Result<> restrict_access(const std::string& path) {
  if (::chmod(path.c_str(), 0660) != 0) return system_failure(path);
  const auto group = admin_group();
  // Who is neither root nor in the group may not give it away; then the socket is the user's own.
  if (!group || ::chown(path.c_str(), static_cast<uid_t>(-1), *group) == 0 || errno == EPERM) return {};
  return system_failure(path);
}

}  // namespace

Result<int> listen_tcp(const std::string& address_and_port) {
  const auto address = parse_address(address_and_port);
  if (!address) {
    return fail(Error(ErrorCode::INVALID_REQUEST, "cannot listen on " + address_and_port,
                      "not an address and a port such as 127.0.0.1:8080 or [::1]:8080"));
  }
  const int socket = ::socket(address->storage.ss_family, kSocketFlags, 0);
  if (socket < 0) return system_failure(address_and_port);
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address->storage), address->size) != 0 ||
      ::listen(socket, kListenBacklog) != 0) {
    auto failure = system_failure(address_and_port);
    ::close(socket);
    return failure;
  }
  return socket;
}

std::string bound_address(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    return fmt::format("[{}]:{}", text, ntohs(v6.sin6_port));
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
  ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
  return fmt::format("{}:{}", text, ntohs(v4.sin_port));
}

Result<int> listen_unix(const std::string& path) {
  const auto address = unix_address(path);
  if (!address) return fail(address.error());
  make_directory_for(path);
  if (auto stale = remove_stale(path, *address); !stale) return fail(stale.error());
  const int socket = ::socket(AF_UNIX, kSocketFlags, 0);
  if (socket < 0) return system_failure(path);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0) {
    auto failure = system_failure(path);
    ::close(socket);
    return failure;
  }
  if (auto access = restrict_access(path); !access) {
    ::close(socket);
    return fail(access.error());
  }
  if (::listen(socket, kListenBacklog) != 0) {
    auto failure = system_failure(path);
    ::close(socket);
    return failure;
  }
  return socket;
}

Result<int> adopt_listener(int socket) {
  int type = 0, is_listening = 0, family = 0;
  const auto ask = [socket](int what, int& answer) {
    socklen_t size = sizeof(answer);
    return ::getsockopt(socket, SOL_SOCKET, what, &answer, &size) == 0;
  };
  const bool is_known = ask(SO_TYPE, type) && ask(SO_ACCEPTCONN, is_listening) && ask(SO_DOMAIN, family);
  const bool is_family = family == AF_UNIX || family == AF_INET || family == AF_INET6;
  if (!is_known || type != SOCK_STREAM || is_listening == 0 || !is_family) {
    return fail(Error(ErrorCode::INVALID_REQUEST, fmt::format("cannot accept from descriptor {}", socket),
                      "it came from the service manager and is no listening TCP or Unix stream socket"));
  }
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  ::fcntl(socket, F_SETFL, O_RDWR | O_NONBLOCK);
  return family;
}

std::string bound_path(int socket) {
  sockaddr_un address{};
  socklen_t size = sizeof(address) - 1;   // one octet stays 0
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return address.sun_path;
}

}  // namespace konekwa::http
