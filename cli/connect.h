// Where the daemon is, with which key, and for which session: each the first that is found of flag, variable, profile
// of the user's configuration, the same profile of the system's, and for the daemon the usual sockets.
#pragma once

#include <string_view>

#include "cli/command.h"
#include "common/api/client.h"

namespace konekwa::cli {

struct Setting {
  std::string value;
  std::string origin;   // "--url", "KONEKWA_URL", or the name of a file; "" when nothing says
};
struct Settings {
  Setting profile, url, api_key, api_key_file, tenant, session;
};

// INVALID_REQUEST: a configuration is wrong or open to others, or there is no profile of that name.
//
// The key of a profile goes to the URL of that profile and no other: --url alone does not send it somewhere else.
api::Outcome<Settings> find_settings(const GlobalOptions& options);

api::Outcome<api::ApiClient::Options> find_daemon(const Settings& settings);

// The variable's value; "" when it is not set.
std::string environment(const char* name);

// Replaces a file as a whole. Only its owner may read it.
api::Outcome<> write_private_file(const std::string& path, std::string_view content);

}  // namespace konekwa::cli
