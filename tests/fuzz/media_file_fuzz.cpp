// An encrypted file, as a hostile host may answer it. The last octets say what of the message's hashes is known.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "common/error.h"
#include "daemon/wa/keys.h"
#include "daemon/wa/media.h"

using namespace konekwa;

namespace {

std::string path_of(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView content(data, size - 1);
  const std::uint8_t known = data[size - 1];
  static const int input = memfd_create("encrypted", MFD_CLOEXEC);
  static const std::string folder = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "konekwa-fuzz-XXXXXX").string();
    KONEKWA_ASSERT(mkdtemp(pattern.data()) != nullptr);
    return pattern;
  }();
  KONEKWA_ASSERT(ftruncate(input, 0) == 0);
  KONEKWA_ASSERT(pwrite(input, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()));

  wa::MediaFile file;
  file.kind = static_cast<wa::MediaKind>(known % 5);
  file.media_key = Bytes(known & 0x40 ? 31 : 32, 7);
  if (known & 0x80) file.enc_sha256 = wa::sha256(content);
  const std::string plain = folder + "/plain";
  const auto opened = wa::decrypt_file(path_of(input), plain, file);
  const bool is_there = std::filesystem::exists(plain);
  KONEKWA_ASSERT(opened.has_value() == is_there);
  if (is_there) {
    KONEKWA_ASSERT(std::filesystem::file_size(plain) == *opened);
    std::filesystem::remove(plain);
  }
  return 0;
}
