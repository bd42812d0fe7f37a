#include "cli/diagnosis_machine.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

namespace konekwa::cli {
namespace {

constexpr long kSkewWarningS = 5, kSkewFailureS = 60;   // beyond it, what is signed with a time is refused
constexpr std::uint64_t kMegabyte = 1u << 20;
constexpr std::uint64_t kRoomWarning = 1024 * kMegabyte, kRoomFailure = 64 * kMegabyte;
constexpr int kReachTimeoutMs = 3000;

std::string last_problem() { return std::strerror(errno); }

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;
Addresses addresses_of(const std::string& host, int port, std::string& problem) {
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  const int result = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (result != 0) problem = ::gai_strerror(result);
  return Addresses(found, [](addrinfo* list) {
    if (list != nullptr) ::freeaddrinfo(list);
  });
}

// "" when it answers.
std::string try_to_connect(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return last_problem();
  std::string problem;
  if (::connect(fd, address.ai_addr, address.ai_addrlen) != 0) {
    pollfd waiting{fd, POLLOUT, 0};
    int error = errno;
    socklen_t size = sizeof(error);
    if (error != EINPROGRESS) problem = last_problem();
    else if (::poll(&waiting, 1, kReachTimeoutMs) != 1) problem = fmt::format("silent for {} ms", kReachTimeoutMs);
    else if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) problem = std::strerror(error);
  }
  ::close(fd);
  return problem;
}

}  // namespace

Finding check_socket(const api::Url& url) {
  const char* const name = "socket";
  if (url.kind != api::Url::Kind::Unix) return {name, kSkipped, url.text() + " is no Unix socket"};
  struct stat about {};
  if (::stat(url.socket.c_str(), &about) != 0) {
    return {name, kFailed, fmt::format("there is no socket {}: start konekwad, or set KONEKWA_URL", url.socket)};
  }
  if (!S_ISSOCK(about.st_mode)) return {name, kFailed, url.socket + " is no socket"};
  if (::access(url.socket.c_str(), R_OK | W_OK) != 0) {
    return {name, kFailed, fmt::format("no permission for {}: join its group", url.socket)};
  }
  const std::string mode = fmt::format("{} (mode {:04o})", url.socket, about.st_mode & 07777);
  if ((about.st_mode & 0007) != 0) return {name, kWarning, mode + ": everybody may open it, if konekwad lets them"};
  return {name, kFine, mode};
}

Finding check_key_file(const std::string& path) {
  const char* const name = "key file";
  if (path.empty()) return {name, kSkipped, "none is used"};
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {name, kFailed, fmt::format("{}: {}", path, last_problem())};
  if ((about.st_mode & 0077) == 0) return {name, kFine, path};
  return {name, kWarning, fmt::format("others may read the key in {0}: chmod 600 {0}", path)};
}

Finding check_clock(const std::string& other_clock, Time now) {
  const char* const name = "clock";
  std::tm parts{};
  if (!other_clock.empty() && ::strptime(other_clock.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) != nullptr) {
    const long skew = std::labs(static_cast<long>(unix_seconds(now) - ::timegm(&parts)));
    const std::string seen = fmt::format("{} s from the clock of konekwad", skew);
    return {name, skew > kSkewFailureS ? kFailed : skew > kSkewWarningS ? kWarning : kFine, seen};
  }
  timex state{};
  if (::adjtimex(&state) < 0) return {name, kSkipped, "the kernel does not say whether it is kept right"};
  if ((state.status & STA_UNSYNC) == 0) return {name, kFine, "kept right by a time server"};
  return {name, kWarning, "no time server keeps it right, as far as the kernel knows"};
}

Finding check_disk(const std::string& folder) {
  const char* const name = "disk";
  struct statvfs about {};
  if (::access(folder.c_str(), F_OK) != 0) return {name, kSkipped, folder + " is not here"};
  if (::statvfs(folder.c_str(), &about) != 0) return {name, kSkipped, fmt::format("{}: {}", folder, last_problem())};
  if ((about.f_flag & ST_RDONLY) != 0) return {name, kFailed, folder + " is read-only"};
  const std::uint64_t room = static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
  const std::string seen = fmt::format("{} MB free in {}", room / kMegabyte, folder);
  return {name, room < kRoomFailure ? kFailed : room < kRoomWarning ? kWarning : kFine, seen};
}

bool is_address(const std::string& host) {
  in6_addr ignored {};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

Finding check_name(const std::string& host) {
  const char* const name = "dns";
  std::string problem;
  const Addresses found = addresses_of(host, 0, problem);
  if (!problem.empty()) return {name, kFailed, fmt::format("{}: {}", host, problem)};
  return {name, kFine, host + " has an address"};
}

Finding check_reach(const std::string& host, int port) {
  const char* const name = "whatsapp";
  std::string problem = "no address";
  const Addresses found = addresses_of(host, port, problem);
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    problem = try_to_connect(*each);
    if (problem.empty()) return {name, kFine, fmt::format("{}:{} answers", host, port)};
  }
  return {name, kFailed, fmt::format("{}:{}: {}", host, port, problem)};
}

}  // namespace konekwa::cli
