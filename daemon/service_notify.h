// The service manager (systemd): what it is told, and what it hands over. Without one all of this does nothing.
// Main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/time.h"

namespace konekwa::service {

// The sockets that it listens on for us, once a process: they are taken out of the environment. INVALID_REQUEST when
// what it says cannot be understood.
Result<std::vector<int>> take_sockets();

// How often it wants to hear of us; nothing when it does not listen.
std::optional<Duration> report_interval();

// The start may take until then, for this once.
void extend_start(Duration limit, const std::string& status);
void ready(const std::string& status);
void alive();                             // resets the watchdog
void status(const std::string& text);     // a line for "systemctl status"
void stopping();

}  // namespace konekwa::service
