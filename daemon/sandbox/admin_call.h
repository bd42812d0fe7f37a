// A call of the admin API on its way to the function that answers it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

struct Call {
  Network& network;
  std::vector<std::string> path;   // without "admin"; the parts that the route leaves open stand in it
  std::string query;               // raw
  std::string body;                // as sent
  Json json;                       // the body of routes that take JSON; an object
  std::optional<SandboxAnswer> file = {};   // set by a handler that answers with a file
};

using Answer = Result<Json>;

std::string field(const Call& call, const char* name);   // a text; "" when there is none

}  // namespace konekwa::sandbox
