// The admin API: JSON over HTTP, described for its users in admin.md. One table of routes.
#pragma once

#include <string>

#include "daemon/sandbox/sandbox.h"

namespace konekwa::sandbox {

struct Network;

SandboxAnswer answer_admin(Network& network, const std::string& method, const std::string& target,
                           const std::string& body);

}  // namespace konekwa::sandbox
