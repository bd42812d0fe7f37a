// Enforces the rule "one read-write connection a file" inside the process: two that write one WAL can corrupt it (the
// WAL-reset bug of SQLite before 3.51.3). Other processes are kept out by the daemon's instance lock. Any thread.
#pragma once

#include <string>

namespace konekwa::store {

// Held by a read-write Database for as long as it lives.
class WriteLock {
 public:
  explicit WriteLock(const std::string& path_or_uri);   // throws Failure when the file is open for writing already
  ~WriteLock();
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  std::string key_;   // "" for a database in memory, which has no WAL
};

}  // namespace konekwa::store
