// Where the daemon is and with which key: flag, then variable, then the first of the usual sockets that exists.
#pragma once

#include "cli/command.h"
#include "common/api/client.h"

namespace konekwa::cli {

api::Outcome<api::ApiClient::Options> find_daemon(const GlobalOptions& options);

// The variable's value; "" when it is not set.
std::string environment(const char* name);

}  // namespace konekwa::cli
