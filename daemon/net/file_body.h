// Bodies that are files: a request's, read while it is sent, and a response's, written while it comes.
// The web client's thread; both block for the disk, a block at a time.
#pragma once

#include <optional>
#include <string>

#include "common/file_stream.h"

namespace konekwa::net {

class UploadBody {
 public:
  static Result<UploadBody> open(const std::string& path);
  std::uint64_t size() const { return file_.size(); }   // what is sent, also when the file grows meanwhile
  // As much as fits, 0 at the end. An error also when the file has become shorter.
  Result<std::size_t> read(std::span<std::uint8_t> out);
  Result<> rewind();

 private:
  explicit UploadBody(InputFile file) : file_(std::move(file)) {}
  InputFile file_;
  std::uint64_t sent_ = 0;
};

// The file is made with the first octets, and is gone again unless it was kept.
class DownloadBody {
 public:
  DownloadBody(std::string path, std::uint64_t bytes_max) : path_(std::move(path)), bytes_max_(bytes_max) {}
  Result<> expect(std::uint64_t size) const;            // what the server announces; NETWORK when it is too large
  Result<> add(ByteView more);                          // NETWORK past bytes_max
  Result<> keep();
  std::uint64_t size() const { return size_; }

 private:
  Result<> make();
  std::string path_;
  std::uint64_t bytes_max_;
  std::uint64_t size_ = 0;
  std::optional<NewFile> file_;
};

}  // namespace konekwa::net
