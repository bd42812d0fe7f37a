#include "daemon/instance_lock.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace konekwa {
namespace {

// A disk that takes no writes may be mended, so that another start helps; anything else is a mistake in the settings.
tl::unexpected<Error> unusable(const std::string& path, int number) {
  const bool is_disk = number == EROFS || number == ENOSPC || number == EDQUOT || number == EIO;
  return fail(Error(is_disk ? ErrorCode::STORAGE_UNAVAILABLE : ErrorCode::INVALID_REQUEST,
                    "the data directory cannot be used",
                    fmt::format("{}: {}", path, std::strerror(number))));
}

Result<> prepare_directory(const std::string& path) {
  std::error_code parents;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), parents);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return unusable(path, errno);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return unusable(path, errno);
  if (!S_ISDIR(info.st_mode)) return unusable(path, ENOTDIR);
  if ((info.st_mode & 077) == 0) return {};
  return fail(Error(ErrorCode::INVALID_REQUEST, "the data directory is open to other users",
                    fmt::format("it holds private keys; run: chmod 700 '{}'", path)));
}

// Who holds the lock wrote its process id there.
std::string holder_of(int file) {
  char text[32] = {};
  const ssize_t count = ::pread(file, text, sizeof(text) - 1, 0);
  if (count <= 1) return "another process";
  return "process " + std::string(text, static_cast<std::size_t>(count - 1));
}

}  // namespace

Result<InstanceLock> InstanceLock::acquire(const std::string& data_dir) {
  if (auto directory = prepare_directory(data_dir); !directory) return fail(directory.error());
  const std::string path = data_dir + "/konekwad.lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return unusable(path, errno);
  InstanceLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return fail(Error(ErrorCode::CONFLICT, "another konekwad uses the data directory",
                      fmt::format("{}, {}", data_dir, holder_of(file))));
  }
  const std::string text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, text.data(), text.size(), 0) < 0) return unusable(path, errno);
  return lock;
}

InstanceLock::InstanceLock(InstanceLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

InstanceLock::~InstanceLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace konekwa
