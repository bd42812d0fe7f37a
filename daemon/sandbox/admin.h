// The admin API: JSON over HTTP, described for its users in admin.md. One table of routes.
#pragma once

#include <string>

#include "daemon/sandbox/sandbox.h"

namespace konekwa::sandbox {

struct Network;

SandboxAnswer answer_admin(Network& network, const std::string& method, const std::string& target,
                           const std::string& body);
// POST /admin/files: keeps the body for a phone to send.
SandboxAnswer answer_admin_file(Network& network, IncomingFile& file);

}  // namespace konekwa::sandbox
