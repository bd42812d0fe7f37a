// konekwad --restore: a data directory out of a backup, while no daemon runs on it.
#pragma once

#include <string>

#include "common/error.h"
#include "daemon/settings.h"

namespace konekwa {

// What was restored and what to do next, as text for a person. CONFLICT when a daemon has the data directory, or there
// is something in it; INVALID_REQUEST when the backup cannot be read or used. Blocks for the disk.
Result<std::string> restore(const CommandLine& command_line);

}  // namespace konekwa
