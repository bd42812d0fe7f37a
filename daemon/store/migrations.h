// The steps that lead from an empty file to the schema of this version: migrations/0001-first.sql and so on. Each
// step is one transaction that also raises user_version, so a crash leaves the file at a whole step. Forward only;
// a released step is never edited.
#pragma once

#include <span>

#include "common/error.h"
#include "daemon/store/database.h"

namespace konekwa::store {

struct Migration {
  int version;        // user_version once the step is done
  const char* sql;
};

std::span<const Migration> all_migrations();   // versions 1, 2, 3 ... without gaps

// STORAGE_UNAVAILABLE when the file is newer than the last step, or when a step fails (then it has not begun).
Result<> migrate(Database& db, std::span<const Migration> steps);

}  // namespace konekwa::store
