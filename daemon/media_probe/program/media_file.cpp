#include "daemon/media_probe/program/media_file.h"

#include <unistd.h>

#include <cerrno>

namespace konekwa::media_probe {

std::optional<MediaFile> MediaFile::of(int descriptor) {
  const auto size = ::lseek(descriptor, 0, SEEK_END);
  if (size < 0 || ::lseek(descriptor, 0, SEEK_SET) != 0) return std::nullopt;
  return MediaFile(descriptor, static_cast<std::uint64_t>(size));
}

Bytes MediaFile::head(std::size_t octets_max) const {
  Bytes out(static_cast<std::size_t>(std::min<std::uint64_t>(size_, octets_max)));
  std::size_t filled = 0;
  if (seek(0, SEEK_SET) != 0) return {};
  while (filled < out.size()) {
    const long count = read(out.data() + filled, out.size() - filled);
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
  }
  out.resize(filled);
  seek(0, SEEK_SET);
  return out;
}

long MediaFile::read(std::uint8_t* into, std::size_t octets_max) const {
  while (true) {
    const auto count = ::read(descriptor_, into, octets_max);
    if (count >= 0 || errno != EINTR) return count;
  }
}

std::int64_t MediaFile::seek(std::int64_t offset, int whence) const { return ::lseek(descriptor_, offset, whence); }

}  // namespace konekwa::media_probe
