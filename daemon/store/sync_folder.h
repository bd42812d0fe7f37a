// What makes the names in a folder last, not only the files that they name.
#pragma once

#include <string>

#include "common/error.h"

namespace konekwa::store {

Result<> sync_folder(const std::string& folder);   // blocks for the disk; STORAGE_UNAVAILABLE

}  // namespace konekwa::store
