#include "daemon/store/media_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "common/log.h"

namespace konekwa::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashOctets = 32;

Result<> system_failure(const char* what) {
  return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string(what) + ": " + std::strerror(errno));
}

Result<> sync(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags);
  if (fd < 0) return system_failure("cannot open media");
  const int synced = ::fsync(fd);
  const int number = errno;
  ::close(fd);
  errno = number;
  return synced == 0 ? Result<>() : system_failure("cannot sync media");
}

std::int64_t size_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

Time modified_at(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Time::max();
  return from_unix_ms(info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000);
}

}  // namespace

MediaFiles::MediaFiles(std::string data_dir) : root_(std::move(data_dir) + "/media") {}

// What fails here fails again, with a reason, where the folder is used.
void MediaFiles::make_folder(const std::string& path) const {
  ::mkdir(root_.c_str(), 0700);
  ::mkdir(path.c_str(), 0700);
}

std::string MediaFiles::temporary_path() {
  const std::string folder = root_ + "/tmp";
  make_folder(folder);
  return fmt::format("{}/{}-{}", folder, ::getpid(), ++made_);
}

Result<> MediaFiles::adopt(const std::string& temporary, ByteView sha256) {
  KONEKWA_ASSERT(sha256.size() == kHashOctets);
  if (auto synced = sync(temporary, 0); !synced) return synced;
  const std::string path = path_of(sha256);
  const std::string folder = path.substr(0, path.rfind('/'));
  const std::lock_guard lock(mutex_);
  if (fs::exists(path)) {
    if (::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) != 0) return system_failure("cannot touch media");
    ::unlink(temporary.c_str());
    return {};
  }
  const std::int64_t size = size_of(temporary);
  // The file may have been written long ago; its age counts from here.
  ::utimensat(AT_FDCWD, temporary.c_str(), nullptr, 0);
  make_folder(folder);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_failure("cannot keep media");
  if (bytes_used_ >= 0) bytes_used_ += size;
  if (auto synced = sync(folder, O_DIRECTORY); !synced) return synced;
  return sync(root_, O_DIRECTORY);
}

std::string MediaFiles::path_of(ByteView sha256) const {
  const std::string name = to_hex(sha256);
  return fmt::format("{}/{}/{}", root_, name.substr(0, 2), name);
}

bool MediaFiles::has(ByteView sha256) const {
  std::error_code ignored;
  return sha256.size() == kHashOctets && fs::is_regular_file(path_of(sha256), ignored);
}

void MediaFiles::erase(ByteView sha256) {
  if (sha256.size() != kHashOctets) return;
  const std::string path = path_of(sha256);
  const std::lock_guard lock(mutex_);
  const std::int64_t size = size_of(path);
  if (::unlink(path.c_str()) == 0 && bytes_used_ >= 0) bytes_used_ -= size;
}

std::uint64_t MediaFiles::bytes_used() const {
  if (bytes_used_ < 0) {
    const std::lock_guard lock(mutex_);
    if (bytes_used_ < 0) bytes_used_ = static_cast<std::int64_t>(count_bytes());
  }
  return static_cast<std::uint64_t>(bytes_used_.load());
}

std::uint64_t MediaFiles::count_bytes() const {
  std::uint64_t total = 0;
  for (const Bytes& file : adopted_before(Time::max())) total += static_cast<std::uint64_t>(size_of(path_of(file)));
  return total;
}

std::vector<Bytes> MediaFiles::adopted_before(Time before) const {
  std::vector<Bytes> out;
  std::error_code ec;
  for (const auto& entry : fs::recursive_directory_iterator(root_, ec)) {
    const auto sha256 = from_hex(entry.path().filename().string());
    if (!sha256 || sha256->size() != kHashOctets) continue;
    if (before == Time::max() || modified_at(entry.path().string()) < before) out.push_back(*sha256);
  }
  return out;
}

std::uint64_t MediaFiles::sweep(Time before, const std::function<bool(ByteView sha256)>& is_used) {
  std::uint64_t erased = 0;
  for (const Bytes& file : adopted_before(before)) {
    const std::string path = path_of(file);
    const std::lock_guard lock(mutex_);
    // Again: it may have been adopted anew.
    if (modified_at(path) >= before || is_used(file)) continue;
    const std::int64_t size = size_of(path);
    if (::unlink(path.c_str()) != 0) continue;
    if (bytes_used_ >= 0) bytes_used_ -= size;
    ++erased;
  }
  return erased;
}

void MediaFiles::clear_temporary() {
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(root_ + "/tmp", ec)) {
    std::error_code failed;
    fs::remove_all(entry.path(), failed);
    if (failed) log::warn("store", "cannot remove {}: {}", entry.path().string(), failed.message());
  }
}

}  // namespace konekwa::store
