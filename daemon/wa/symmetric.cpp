// The symmetric half of keys.h: hashes, HMAC, HKDF and AES-GCM.
#include <openssl/evp.h>
#include <sodium.h>

#include "daemon/wa/keys.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kSha256Size = crypto_hash_sha256_BYTES;
constexpr std::size_t kIvSize = 12;
constexpr std::size_t kTagSize = 16;

Bytes digest(const EVP_MD* kind, ByteView data) {
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(kind)));
  KONEKWA_ASSERT(EVP_Digest(data.data(), data.size(), out.data(), nullptr, kind, nullptr) == 1);
  return out;
}

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter>;

// Fetched once: OpenSSL 3 otherwise searches its providers for every frame.
const EVP_CIPHER* aes_256_gcm() {
  static const std::unique_ptr<EVP_CIPHER, CipherDeleter> kCipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  KONEKWA_ASSERT(kCipher);
  return kCipher.get();
}

enum Direction { kOpen = 0, kSeal = 1 };

CipherContext gcm(Direction direction, const Key& key, ByteView iv, ByteView aad) {
  KONEKWA_ASSERT(iv.size() == kIvSize);
  CipherContext context(EVP_CIPHER_CTX_new());
  KONEKWA_ASSERT(context);
  KONEKWA_ASSERT(EVP_CipherInit_ex2(context.get(), aes_256_gcm(), key.data(), iv.data(), direction, nullptr) == 1);
  int length = 0;
  if (!aad.empty()) {
    KONEKWA_ASSERT(EVP_CipherUpdate(context.get(), nullptr, &length, aad.data(), static_cast<int>(aad.size())) == 1);
  }
  return context;
}

void run(EVP_CIPHER_CTX* context, ByteView in, std::uint8_t* out) {
  int length = 0;
  if (in.empty()) return;
  KONEKWA_ASSERT(EVP_CipherUpdate(context, out, &length, in.data(), static_cast<int>(in.size())) == 1);
}

}  // namespace

Bytes sha256(ByteView data) {
  Bytes out(kSha256Size);
  crypto_hash_sha256(out.data(), data.data(), data.size());
  return out;
}

Bytes sha1(ByteView data) { return digest(EVP_sha1(), data); }

Bytes md5(ByteView data) { return digest(EVP_md5(), data); }

Bytes hmac_sha256(ByteView key, ByteView data) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, data.data(), data.size());
  Bytes out(crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

Bytes hkdf_sha256(ByteView key_material, ByteView salt, std::string_view info, std::size_t length) {
  KONEKWA_ASSERT(length <= 255 * kSha256Size);
  static constexpr Key kNoSalt{};
  const auto key = hmac_sha256(salt.empty() ? ByteView(kNoSalt) : salt, key_material);
  Bytes out, block;
  for (std::uint8_t counter = 1; out.size() < length; ++counter) {
    append(block, as_bytes(info));
    block.push_back(counter);
    block = hmac_sha256(key, block);
    append(out, block);
  }
  out.resize(length);
  return out;
}

Bytes aes_gcm_seal(const Key& key, ByteView iv, ByteView aad, ByteView plaintext) {
  const auto context = gcm(kSeal, key, iv, aad);
  Bytes out(plaintext.size() + kTagSize);
  run(context.get(), plaintext, out.data());
  auto* tag = out.data() + plaintext.size();
  int length = 0;
  KONEKWA_ASSERT(EVP_CipherFinal_ex(context.get(), tag, &length) == 1);
  KONEKWA_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1);
  return out;
}

Result<Bytes> aes_gcm_open(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext) {
  if (ciphertext.size() < kTagSize) return fail(ErrorCode::PROTOCOL, "a ciphertext shorter than its tag");
  const auto body = ciphertext.first(ciphertext.size() - kTagSize);
  Bytes tag = to_bytes(ciphertext.last(kTagSize));
  const auto context = gcm(kOpen, key, iv, aad);
  Bytes out(body.size() + kTagSize);  // with room for the empty final block
  run(context.get(), body, out.data());
  KONEKWA_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1);
  int length = 0;
  if (EVP_CipherFinal_ex(context.get(), out.data() + body.size(), &length) != 1) {
    return fail(ErrorCode::PROTOCOL, "a ciphertext does not authenticate");
  }
  out.resize(body.size());
  return out;
}

}  // namespace konekwa::wa
