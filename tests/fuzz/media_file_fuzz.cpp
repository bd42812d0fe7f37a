// An encrypted file, as a hostile host may answer it. The last octet says which hashes the message has, and whether
// the file gets a right MAC, which the fuzzer cannot make itself.
#include <filesystem>
#include <fstream>

#include "common/error.h"
#include "daemon/wa/keys.h"
#include "daemon/wa/media.h"

using namespace konekwa;

namespace {

const Bytes kKey(32, 7);
constexpr std::size_t kIvSize = 16, kMacKeyAt = 48, kMacKeySize = 32, kMacSize = 10;

const std::string& folder() {
  static const std::string made = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "konekwa-fuzz-XXXXXX").string();
    KONEKWA_ASSERT(mkdtemp(pattern.data()) != nullptr);
    return pattern;
  }();
  return made;
}

Bytes with_mac(ByteView ciphertext) {
  const Bytes keys = wa::hkdf_sha256(kKey, {}, "WhatsApp Image Keys", 112);
  const ByteView all(keys);
  const Bytes mac = wa::hmac_sha256(all.subspan(kMacKeyAt, kMacKeySize), concat({all.first(kIvSize), ciphertext}));
  return concat({ciphertext, ByteView(mac).first(kMacSize)});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t choice = data[size - 1];
  const ByteView given(data, size - 1);
  const Bytes content = choice & 1 ? with_mac(given) : to_bytes(given);
  wa::MediaFile file;
  file.kind = wa::MediaKind::Image;
  file.media_key = choice & 2 ? Bytes(31, 7) : kKey;
  if (choice & 4) file.enc_sha256 = wa::sha256(content);
  if (choice & 8) file.sha256 = Bytes(32, 1);

  const std::string encrypted = folder() + "/encrypted", plain = folder() + "/plain";
  std::ofstream(encrypted, std::ios::binary) << to_string(content);
  const auto opened = wa::decrypt_file(encrypted, plain, file);
  KONEKWA_ASSERT(opened.has_value() == std::filesystem::exists(plain));
  if (opened) {
    KONEKWA_ASSERT(std::filesystem::file_size(plain) == *opened && *opened < content.size());
    std::filesystem::remove(plain);
  }
  return 0;
}
