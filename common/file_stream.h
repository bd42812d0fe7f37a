// Files read and written from beginning to end, for those that are too large for memory.
// Any thread; every function blocks for the disk. Errors are STORAGE_UNAVAILABLE and do not name the path, which may
// come from a user.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "common/bytes.h"
#include "common/error.h"

namespace konekwa {

inline constexpr std::size_t kFileBlock = 64 * 1024;   // octets to read at a time

class InputFile {
 public:
  static Result<InputFile> open(const std::string& path);   // a regular file; links are not followed
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;

  std::uint64_t size() const { return size_; }               // when it was opened
  // As much as fits; less only at the end of the file, nothing past it.
  Result<std::size_t> read(std::span<std::uint8_t> out);
  Result<> rewind();

 private:
  InputFile(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

// A new file (0600), which is gone again unless it was kept.
class NewFile {
 public:
  static Result<NewFile> create(const std::string& path);   // an error when there is something already
  ~NewFile();
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;

  Result<> write(ByteView more);
  Result<> keep();                                           // closes it; not synced to the disk

 private:
  NewFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_ = -1;
  std::string path_;
};

}  // namespace konekwa
