#include "common/sha256.h"

#include "common/file_stream.h"

#include <sodium.h>

namespace konekwa {
namespace {
using State = crypto_hash_sha256_state;
}

Sha256::Sha256() {
  static_assert(sizeof(State) <= sizeof(state_) && alignof(State) <= 64);
  ::crypto_hash_sha256_init(reinterpret_cast<State*>(state_.data()));
}

void Sha256::add(ByteView more) {
  ::crypto_hash_sha256_update(reinterpret_cast<State*>(state_.data()), more.data(), more.size());
}

Bytes Sha256::finish() {
  Bytes out(kSize);
  ::crypto_hash_sha256_final(reinterpret_cast<State*>(state_.data()), out.data());
  return out;
}

Result<Bytes> sha256_of_file(const std::string& path) {
  auto file = InputFile::open(path);
  if (!file) return fail(file.error());
  Sha256 hash;
  Bytes block(kFileBlock);
  while (true) {
    const auto size = file->read(block);
    if (!size) return fail(size.error());
    if (*size == 0) return hash.finish();
    hash.add(ByteView(block).first(*size));
  }
}

}  // namespace konekwa
