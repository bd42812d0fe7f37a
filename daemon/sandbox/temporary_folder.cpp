#include "daemon/sandbox/temporary_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace konekwa::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr int kTriesMax = 10;

// The lock of a folder; -1 when another has it, or the folder is gone.
int take_lock(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return -1;
  struct stat about {};
  // A lock of what was removed meanwhile is one of nothing.
  const bool is_taken = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::fstat(descriptor, &about) == 0;
  if (is_taken && about.st_nlink > 0) return descriptor;
  ::close(descriptor);
  return -1;
}

// Those whose owner is gone. One whose owner is about to lock it may be among them: make() then takes another.
void remove_abandoned(const fs::path& where, const std::string& kind) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(where, ignored)) {
    if (!entry.path().filename().string().starts_with(kind) || !entry.is_directory(ignored)) continue;
    const int lock = take_lock(entry.path());
    if (lock < 0) continue;
    fs::remove_all(entry.path(), ignored);
    ::close(lock);
  }
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::make(const std::string& kind) {
  std::error_code failed;
  const fs::path where = fs::temp_directory_path(failed);
  if (failed) return fail(ErrorCode::STORAGE_UNAVAILABLE, "no temporary folder: " + failed.message());
  remove_abandoned(where, kind);
  for (int i = 0; i < kTriesMax; ++i) {
    std::string path = (where / (kind + "XXXXXX")).string();
    if (::mkdtemp(path.data()) == nullptr) break;
    const int lock = take_lock(path);
    if (lock >= 0) return TemporaryFolder(std::move(path), lock);
  }
  return fail(ErrorCode::STORAGE_UNAVAILABLE, "no temporary folder: " + std::generic_category().message(errno));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::close(lock_);
}

}  // namespace konekwa::sandbox
