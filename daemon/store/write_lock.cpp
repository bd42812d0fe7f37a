#include "daemon/store/write_lock.h"

#include "daemon/store/database.h"

#include <filesystem>
#include <mutex>
#include <set>

namespace konekwa::store {
namespace {

struct OpenFiles {
  std::mutex mutex;
  std::set<std::string> paths;
};

// A fact about the process, not state of any part: which files it has open for writing.
OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

std::string key_of(const std::string& path_or_uri) {
  if (path_or_uri.find("vfs=memdb") != std::string::npos || path_or_uri == ":memory:") return "";
  std::error_code ignored;
  const auto canonical = std::filesystem::weakly_canonical(path_or_uri, ignored);
  return canonical.empty() ? path_or_uri : canonical.string();
}

}  // namespace

WriteLock::WriteLock(const std::string& path_or_uri) : key_(key_of(path_or_uri)) {
  if (key_.empty()) return;
  const std::lock_guard lock(open_files().mutex);
  if (!open_files().paths.insert(key_).second) {
    throw Failure(Failure::Kind::Other, "the database is already open for writing in this process");
  }
}

WriteLock::~WriteLock() {
  if (key_.empty()) return;
  const std::lock_guard lock(open_files().mutex);
  open_files().paths.erase(key_);
}

}  // namespace konekwa::store
