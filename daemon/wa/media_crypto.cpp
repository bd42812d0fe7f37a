// The file format of media.h:
//
//   keys   HKDF-SHA256(media key, no salt, "WhatsApp <kind> Keys", 112) = iv:16 cipher:32 mac:32 unused:32
//   file   AES-256-CBC(cipher, iv, plain with PKCS #7 padding)  HMAC-SHA256(mac, iv || ciphertext):10
//
// OpenSSL's hashes, not libsodium's: they use the processor's instructions for it, and files are large.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>

#include "common/file_stream.h"
#include "daemon/wa/keys.h"
#include "daemon/wa/media.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kMediaKeySize = 32;
constexpr std::size_t kExpandedSize = 112;
constexpr std::size_t kAesBlock = 16;
constexpr std::size_t kMacSize = 10;   // the first octets of the HMAC
constexpr std::size_t kSha256Size = 32;

std::string_view key_info(MediaKind kind) {
  switch (kind) {
    case MediaKind::Image:
    case MediaKind::Sticker: return "WhatsApp Image Keys";
    case MediaKind::Video: return "WhatsApp Video Keys";
    case MediaKind::Audio: return "WhatsApp Audio Keys";
    case MediaKind::Document: break;
  }
  return "WhatsApp Document Keys";
}

class MediaKeys {
 public:
  MediaKeys(ByteView media_key, MediaKind kind) : octets_(hkdf_sha256(media_key, {}, key_info(kind), kExpandedSize)) {}
  ByteView iv() const { return ByteView(octets_).subspan(0, 16); }
  ByteView cipher() const { return ByteView(octets_).subspan(16, 32); }
  ByteView mac() const { return ByteView(octets_).subspan(48, 32); }

 private:
  Bytes octets_;
};

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_MAC* kind) const { EVP_MAC_free(kind); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

class Hash {
 public:
  Hash() : context_(EVP_MD_CTX_new()) {
    KONEKWA_ASSERT(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(ByteView more) { KONEKWA_ASSERT(EVP_DigestUpdate(context_.get(), more.data(), more.size()) == 1); }
  Bytes finish() {
    Bytes out(kSha256Size);
    KONEKWA_ASSERT(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

class Hmac {
 public:
  explicit Hmac(ByteView key) {
    const std::unique_ptr<EVP_MAC, Free> kind(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    KONEKWA_ASSERT(kind);
    context_.reset(EVP_MAC_CTX_new(kind.get()));
    char digest[] = "SHA256";
    const OSSL_PARAM options[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                  OSSL_PARAM_construct_end()};
    KONEKWA_ASSERT(context_ && EVP_MAC_init(context_.get(), key.data(), key.size(), options) == 1);
  }
  void add(ByteView more) { KONEKWA_ASSERT(EVP_MAC_update(context_.get(), more.data(), more.size()) == 1); }
  Bytes finish() {
    Bytes out(kSha256Size);
    std::size_t length = 0;
    KONEKWA_ASSERT(EVP_MAC_final(context_.get(), out.data(), &length, out.size()) == 1);
    out.resize(kMacSize);
    return out;
  }

 private:
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

class Cipher {
 public:
  enum Direction { kDecrypt = 0, kEncrypt = 1 };
  Cipher(Direction direction, const MediaKeys& keys) : context_(EVP_CIPHER_CTX_new()), out_(kFileBlock + kAesBlock) {
    KONEKWA_ASSERT(context_ && EVP_CipherInit_ex2(context_.get(), EVP_aes_256_cbc(), keys.cipher().data(),
                                                  keys.iv().data(), direction, nullptr) == 1);
  }
  // At most kFileBlock octets. What comes out is good until the next call.
  ByteView run(ByteView in) {
    int length = 0;
    KONEKWA_ASSERT(in.size() <= kFileBlock);
    const int size = static_cast<int>(in.size());
    KONEKWA_ASSERT(EVP_CipherUpdate(context_.get(), out_.data(), &length, in.data(), size) == 1);
    return ByteView(out_).first(static_cast<std::size_t>(length));
  }
  std::optional<ByteView> finish() {   // nothing: the padding is wrong
    int length = 0;
    if (EVP_CipherFinal_ex(context_.get(), out_.data(), &length) != 1) return std::nullopt;
    return ByteView(out_).first(static_cast<std::size_t>(length));
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
  Bytes out_;
};

class Encryption {
 public:
  Encryption(const MediaKeys& keys, NewFile file)
      : file_(std::move(file)), cipher_(Cipher::kEncrypt, keys), mac_(keys.mac()) {
    mac_.add(keys.iv());
  }

  Result<> add(ByteView plain) {
    length_ += plain.size();
    plain_hash_.add(plain);
    return put(cipher_.run(plain));
  }

  Result<EncryptedFile> finish() {
    const auto last = cipher_.finish();
    KONEKWA_ASSERT(last.has_value());
    if (auto put_last = put(*last); !put_last) return fail(put_last.error());
    const Bytes mac = mac_.finish();
    encrypted_hash_.add(mac);
    encrypted_length_ += mac.size();
    if (auto written = file_.write(mac); !written) return fail(written.error());
    if (auto kept = file_.keep(); !kept) return fail(kept.error());
    return EncryptedFile{{}, plain_hash_.finish(), encrypted_hash_.finish(), length_, encrypted_length_};
  }

 private:
  Result<> put(ByteView ciphertext) {
    mac_.add(ciphertext);
    encrypted_hash_.add(ciphertext);
    encrypted_length_ += ciphertext.size();
    return file_.write(ciphertext);
  }

  NewFile file_;
  Cipher cipher_;
  Hmac mac_;
  Hash plain_hash_, encrypted_hash_;
  std::uint64_t length_ = 0, encrypted_length_ = 0;
};

class Decryption {
 public:
  Decryption(const MediaKeys& keys, NewFile file)
      : file_(std::move(file)), cipher_(Cipher::kDecrypt, keys), mac_(keys.mac()) {
    mac_.add(keys.iv());
  }

  Result<> add(ByteView ciphertext) {
    mac_.add(ciphertext);
    encrypted_hash_.add(ciphertext);
    return put(cipher_.run(ciphertext));
  }

  // From the outside inwards, so that the first check that fails says the most: of a file that is another altogether,
  // that it is another.
  Result<std::uint64_t> finish(ByteView mac, const MediaFile& expected) {
    encrypted_hash_.add(mac);
    if (!expected.enc_sha256.empty() && !equal(encrypted_hash_.finish(), expected.enc_sha256)) {
      return fail(ErrorCode::PROTOCOL, "an encrypted media file has another hash");
    }
    if (!equal(mac_.finish(), mac)) return fail(ErrorCode::PROTOCOL, "the MAC of a media file is wrong");
    const auto last = cipher_.finish();
    if (!last) return fail(ErrorCode::PROTOCOL, "the padding of a media file is wrong");
    if (auto put_last = put(*last); !put_last) return fail(put_last.error());
    if (!expected.sha256.empty() && !equal(plain_hash_.finish(), expected.sha256)) {
      return fail(ErrorCode::PROTOCOL, "a decrypted media file has another hash");
    }
    if (auto kept = file_.keep(); !kept) return fail(kept.error());
    return length_;
  }

 private:
  Result<> put(ByteView plain) {
    length_ += plain.size();
    plain_hash_.add(plain);
    return file_.write(plain);
  }

  NewFile file_;
  Cipher cipher_;
  Hmac mac_;
  Hash plain_hash_, encrypted_hash_;
  std::uint64_t length_ = 0;
};

Result<> encrypt_all(InputFile& plain, Encryption& encryption) {
  Bytes block(kFileBlock);
  while (true) {
    const auto got = plain.read(block);
    if (!got) return fail(got.error());
    if (*got == 0) return {};
    if (auto added = encryption.add(ByteView(block).first(*got)); !added) return added;
  }
}

Result<> decrypt_all(InputFile& encrypted, std::uint64_t left, Decryption& decryption) {
  Bytes block(kFileBlock);
  while (left > 0) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
    const auto got = encrypted.read(std::span(block).first(wanted));
    if (!got) return fail(got.error());
    if (*got != wanted) return fail(ErrorCode::STORAGE_UNAVAILABLE, "a media file shrank while it was read");
    if (auto added = decryption.add(ByteView(block).first(wanted)); !added) return added;
    left -= wanted;
  }
  return {};
}

}  // namespace

Result<EncryptedFile> encrypt_file(const std::string& plain_path, const std::string& encrypted_path, MediaKind kind,
                                   ByteView media_key) {
  if (!media_key.empty() && media_key.size() != kMediaKeySize) {
    return fail(ErrorCode::ENCRYPTION_FAILED, "a media key has 32 octets");
  }
  Bytes key = media_key.empty() ? SystemRandom().bytes(kMediaKeySize) : to_bytes(media_key);
  auto plain = InputFile::open(plain_path);
  if (!plain) return fail(plain.error());
  auto encrypted = NewFile::create(encrypted_path);
  if (!encrypted) return fail(encrypted.error());
  Encryption encryption(MediaKeys(key, kind), std::move(*encrypted));
  if (auto done = encrypt_all(*plain, encryption); !done) return fail(done.error());
  auto result = encryption.finish();
  if (result) result->media_key = std::move(key);
  return result;
}

Result<std::uint64_t> decrypt_file(const std::string& encrypted_path, const std::string& plain_path,
                                   const MediaFile& file) {
  if (file.media_key.size() != kMediaKeySize) return fail(ErrorCode::PROTOCOL, "a media key has 32 octets");
  auto encrypted = InputFile::open(encrypted_path);
  if (!encrypted) return fail(encrypted.error());
  if (encrypted->size() < kAesBlock + kMacSize || (encrypted->size() - kMacSize) % kAesBlock != 0) {
    return fail(ErrorCode::PROTOCOL, "a media file was cut short");
  }
  auto plain = NewFile::create(plain_path);
  if (!plain) return fail(plain.error());
  Decryption decryption(MediaKeys(file.media_key, file.kind), std::move(*plain));
  if (auto done = decrypt_all(*encrypted, encrypted->size() - kMacSize, decryption); !done) return fail(done.error());
  Bytes mac(kMacSize);
  const auto got = encrypted->read(mac);
  if (!got) return fail(got.error());
  if (*got != mac.size()) return fail(ErrorCode::STORAGE_UNAVAILABLE, "a media file shrank while it was read");
  return decryption.finish(mac, file);
}

}  // namespace konekwa::wa
