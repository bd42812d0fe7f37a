// Tar archives (POSIX ustar), as far as backups need them: regular files, piece by piece. Anybody's tar reads them.
// Pure functions on octets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"
#include "common/time.h"

namespace konekwa {

inline constexpr std::size_t kTarBlock = 512;

struct TarEntry {
  std::string name;          // a relative path of at most 100 octets
  std::uint64_t size = 0;
};

// An archive is, for each file, its header, its octets and its padding; and at last the end.
std::string tar_header(const TarEntry& entry, Time modified_at);
std::size_t tar_padding(std::uint64_t size);   // octets of zero after a file of that size
std::string tar_end();

// The header of the next file; nothing where the archive ends. INVALID_REQUEST when the block is no such header, is
// damaged, or is of something else than a regular file.
Result<std::optional<TarEntry>> read_tar_header(std::string_view block);

}  // namespace konekwa
