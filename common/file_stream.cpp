#include "common/file_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace konekwa {
namespace {

constexpr mode_t kPrivate = 0600;

tl::unexpected<Error> system_failure(const char* what) {
  return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string(what) + ": " + std::strerror(errno));
}

// Once more when a signal came in between.
template <class Call>
ssize_t undisturbed(const Call& call) {
  while (true) {
    const ssize_t n = call();
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace

Result<InputFile> InputFile::open(const std::string& path) {
  // O_NONBLOCK: a pipe in the place of a file must not hold the thread.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return system_failure("cannot open a file");
  InputFile file(fd, 0);
  struct stat info {};
  if (::fstat(fd, &info) != 0) return system_failure("cannot look at a file");
  if (!S_ISREG(info.st_mode)) return fail(ErrorCode::STORAGE_UNAVAILABLE, "not a regular file");
  file.size_ = static_cast<std::uint64_t>(info.st_size);
  return file;
}

InputFile::~InputFile() {
  if (fd_ >= 0) ::close(fd_);
}

InputFile::InputFile(InputFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

Result<std::size_t> InputFile::read(std::span<std::uint8_t> out) {
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t n = undisturbed([&] { return ::read(fd_, out.data() + got, out.size() - got); });
    if (n < 0) return system_failure("cannot read a file");
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

Result<> InputFile::rewind() {
  if (::lseek(fd_, 0, SEEK_SET) != 0) return system_failure("cannot rewind a file");
  return {};
}

Result<NewFile> NewFile::create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivate);
  if (fd < 0) return system_failure("cannot make a file");
  return NewFile(fd, path);
}

NewFile::~NewFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

NewFile::NewFile(NewFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::exchange(other.path_, {})) {}

Result<> NewFile::write(ByteView more) {
  while (!more.empty()) {
    const ssize_t n = undisturbed([&] { return ::write(fd_, more.data(), more.size()); });
    if (n < 0) return system_failure("cannot write a file");
    more = more.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> NewFile::keep() {
  if (::close(std::exchange(fd_, -1)) != 0) return system_failure("cannot close a file");
  path_.clear();
  return {};
}

}  // namespace konekwa
