#include "daemon/service_notify.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace konekwa::service {
namespace {

constexpr Duration kReportInterval = seconds(10);
constexpr int kReportsAWatchdog = 3;   // one may come late, or find a thread busy

void tell(const std::string& text) { ::sd_notify(0, text.c_str()); }

}  // namespace

Result<std::vector<int>> take_sockets() {
  const int count = ::sd_listen_fds(1);
  if (count < 0) return fail(Error(ErrorCode::INVALID_REQUEST, "LISTEN_FDS", std::strerror(-count)));
  std::vector<int> sockets;
  for (int i = 0; i < count; ++i) sockets.push_back(SD_LISTEN_FDS_START + i);
  return sockets;
}

std::optional<Duration> report_interval() {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return std::nullopt;
  std::uint64_t watchdog_us = 0;
  if (::sd_watchdog_enabled(0, &watchdog_us) <= 0) return kReportInterval;
  const auto watchdog = std::chrono::duration_cast<Duration>(std::chrono::microseconds(watchdog_us));
  return std::clamp(watchdog / kReportsAWatchdog, milliseconds(1), kReportInterval);
}

void extend_start(Duration limit, const std::string& status) {
  const auto limit_us = std::chrono::duration_cast<std::chrono::microseconds>(limit).count();
  tell(fmt::format("EXTEND_TIMEOUT_USEC={}\nSTATUS={}", limit_us, status));
}

void ready(const std::string& status) { tell("READY=1\nSTATUS=" + status); }
void alive() { tell("WATCHDOG=1"); }
void status(const std::string& text) { tell("STATUS=" + text); }
void stopping() { tell("STOPPING=1\nSTATUS=stopping"); }

}  // namespace konekwa::service
