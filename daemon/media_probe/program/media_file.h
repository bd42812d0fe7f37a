// The file under inspection: an open, seekable descriptor. The program's one source of octets.
#pragma once

#include <cstdint>
#include <optional>

#include "common/bytes.h"

namespace konekwa::media_probe {

class MediaFile {
 public:
  // The size is asked by seeking. Nothing when the descriptor is not seekable.
  static std::optional<MediaFile> of(int descriptor);

  std::uint64_t size() const { return size_; }
  Bytes head(std::size_t octets_max) const;            // from the start; shorter when the file is
  // For libav's input: octets read, 0 at the end, negative on an error; the position, negative on an error.
  long read(std::uint8_t* into, std::size_t octets_max) const;
  std::int64_t seek(std::int64_t offset, int whence) const;

 private:
  MediaFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace konekwa::media_probe
