#include "daemon/wa/signal/openssl_provider.h"

#include "common/error.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <signal/signal_protocol.h>

#include <array>
#include <memory>

namespace konekwa::wa {
namespace {

constexpr int kFailed = SG_ERR_UNKNOWN;

int random_fill(std::uint8_t* data, std::size_t size, void* random) {
  static_cast<Random*>(random)->fill({data, size});
  return SG_SUCCESS;
}

// --- HMAC-SHA256 ---

// Fetching an algorithm by name takes a global lock in OpenSSL 3, so it is done once.
EVP_MAC* hmac_algorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return algorithm;
}

int hmac_init(void** context, const std::uint8_t* key, std::size_t key_size, void*) {
  EVP_MAC_CTX* mac = EVP_MAC_CTX_new(hmac_algorithm());
  if (!mac) return SG_ERR_NOMEM;
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (EVP_MAC_init(mac, key, key_size, parameters) != 1) {
    EVP_MAC_CTX_free(mac);
    return kFailed;
  }
  *context = mac;
  return SG_SUCCESS;
}

int hmac_update(void* context, const std::uint8_t* data, std::size_t size, void*) {
  return EVP_MAC_update(static_cast<EVP_MAC_CTX*>(context), data, size) == 1 ? SG_SUCCESS : kFailed;
}

int hmac_final(void* context, signal_buffer** output, void*) {
  std::array<std::uint8_t, 32> mac;
  std::size_t size = 0;
  if (EVP_MAC_final(static_cast<EVP_MAC_CTX*>(context), mac.data(), &size, mac.size()) != 1) return kFailed;
  *output = signal_buffer_create(mac.data(), size);
  return *output ? SG_SUCCESS : SG_ERR_NOMEM;
}

void hmac_cleanup(void* context, void*) { EVP_MAC_CTX_free(static_cast<EVP_MAC_CTX*>(context)); }

// --- SHA-512 ---

int sha512_init(void** context, void*) {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  if (!digest) return SG_ERR_NOMEM;
  if (EVP_DigestInit_ex(digest, EVP_sha512(), nullptr) != 1) {
    EVP_MD_CTX_free(digest);
    return kFailed;
  }
  *context = digest;
  return SG_SUCCESS;
}

int sha512_update(void* context, const std::uint8_t* data, std::size_t size, void*) {
  return EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context), data, size) == 1 ? SG_SUCCESS : kFailed;
}

// libsignal goes on to use the context for another digest, so it is initialised again.
int sha512_final(void* context, signal_buffer** output, void*) {
  auto* digest = static_cast<EVP_MD_CTX*>(context);
  std::array<std::uint8_t, 64> hash;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(digest, hash.data(), &size) != 1) return kFailed;
  if (EVP_DigestInit_ex(digest, EVP_sha512(), nullptr) != 1) return kFailed;
  *output = signal_buffer_create(hash.data(), size);
  return *output ? SG_SUCCESS : SG_ERR_NOMEM;
}

void sha512_cleanup(void* context, void*) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context)); }

// --- AES ---

constexpr std::size_t kAesBlock = 16;
constexpr std::size_t kAesKey = 32;

const EVP_CIPHER* aes(int mode, std::size_t key_size) {
  if (key_size != kAesKey) return nullptr;
  if (mode == SG_CIPHER_AES_CBC_PKCS5) return EVP_aes_256_cbc();
  if (mode == SG_CIPHER_AES_CTR_NOPADDING) return EVP_aes_256_ctr();
  return nullptr;
}

enum class Direction { Decrypt = 0, Encrypt = 1 };
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

int run_aes(Direction direction, signal_buffer** output, int mode, ByteView key, ByteView iv, ByteView input) {
  const EVP_CIPHER* cipher = aes(mode, key.size());
  if (!cipher || iv.size() != kAesBlock) return SG_ERR_INVAL;
  const CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (!context) return SG_ERR_NOMEM;
  const int encrypts = static_cast<int>(direction);
  if (EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), iv.data(), encrypts) != 1) return kFailed;
  Bytes out(input.size() + kAesBlock);
  const int size = static_cast<int>(input.size());
  int written = 0, tail = 0;
  if (EVP_CipherUpdate(context.get(), out.data(), &written, input.data(), size) != 1) return kFailed;
  if (EVP_CipherFinal_ex(context.get(), out.data() + written, &tail) != 1) return SG_ERR_INVALID_MESSAGE;
  *output = signal_buffer_create(out.data(), static_cast<std::size_t>(written + tail));
  return *output ? SG_SUCCESS : SG_ERR_NOMEM;
}

int aes_encrypt(signal_buffer** output, int mode, const std::uint8_t* key, std::size_t key_size, const std::uint8_t* iv,
                std::size_t iv_size, const std::uint8_t* plaintext, std::size_t plaintext_size, void*) {
  return run_aes(Direction::Encrypt, output, mode, {key, key_size}, {iv, iv_size}, {plaintext, plaintext_size});
}

int aes_decrypt(signal_buffer** output, int mode, const std::uint8_t* key, std::size_t key_size, const std::uint8_t* iv,
                std::size_t iv_size, const std::uint8_t* ciphertext, std::size_t ciphertext_size, void*) {
  return run_aes(Direction::Decrypt, output, mode, {key, key_size}, {iv, iv_size}, {ciphertext, ciphertext_size});
}

}  // namespace

void install_openssl_provider(signal_context* context, Random& random) {
  const signal_crypto_provider provider = {
      .random_func = random_fill,
      .hmac_sha256_init_func = hmac_init,
      .hmac_sha256_update_func = hmac_update,
      .hmac_sha256_final_func = hmac_final,
      .hmac_sha256_cleanup_func = hmac_cleanup,
      .sha512_digest_init_func = sha512_init,
      .sha512_digest_update_func = sha512_update,
      .sha512_digest_final_func = sha512_final,
      .sha512_digest_cleanup_func = sha512_cleanup,
      .encrypt_func = aes_encrypt,
      .decrypt_func = aes_decrypt,
      .user_data = &random,
  };
  const int result = signal_context_set_crypto_provider(context, &provider);
  KONEKWA_ASSERT(result == SG_SUCCESS);
}

}  // namespace konekwa::wa
