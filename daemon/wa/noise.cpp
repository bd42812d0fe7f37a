#include "daemon/wa/noise.h"

#include <limits>

namespace konekwa::wa {
namespace {

Key key_of(ByteView octets) { return to_array<32>(octets).value(); }

// The name itself when it fits into 32 octets, padded with zeros; its hash when it does not.
Key initial_hash(std::string_view protocol_name) {
  if (protocol_name.size() > 32) return key_of(sha256(as_bytes(protocol_name)));
  Key padded{};
  std::copy(protocol_name.begin(), protocol_name.end(), padded.begin());
  return padded;
}

struct TwoKeys {
  Key first, second;
};
TwoKeys derive(const Key& chaining_key, ByteView key_material) {
  const auto out = hkdf_sha256(key_material, chaining_key, {}, 64);
  return {key_of(ByteView(out).first(32)), key_of(ByteView(out).last(32))};
}

}  // namespace

std::array<std::uint8_t, 12> CipherState::next_nonce() {
  const auto counter = big_endian(counter_++, 4);
  std::array<std::uint8_t, 12> nonce{};
  std::copy(counter.begin(), counter.end(), nonce.begin() + 8);
  return nonce;
}

Result<Bytes> CipherState::seal(ByteView aad, ByteView plaintext) {
  if (counter_ == std::numeric_limits<std::uint32_t>::max()) return fail(ErrorCode::PROTOCOL, "the nonces are used up");
  return aes_gcm_seal(key_, next_nonce(), aad, plaintext);
}

Result<Bytes> CipherState::open(ByteView aad, ByteView ciphertext) {
  if (counter_ == std::numeric_limits<std::uint32_t>::max()) return fail(ErrorCode::PROTOCOL, "the nonces are used up");
  return aes_gcm_open(key_, next_nonce(), aad, ciphertext);
}

SymmetricState::SymmetricState(std::string_view protocol_name)
    : hash_(initial_hash(protocol_name)), chaining_key_(hash_), cipher_(hash_) {
  mix_hash(kIntro);
}

void SymmetricState::mix_hash(ByteView data) { hash_ = key_of(sha256(concat({hash_, data}))); }

Result<> SymmetricState::mix_agreement(const Key& private_key, const Key& public_key) {
  const auto shared = agree(private_key, public_key);
  if (!shared) return fail(shared.error());
  const auto keys = derive(chaining_key_, *shared);
  chaining_key_ = keys.first;
  cipher_ = CipherState(keys.second);
  return {};
}

Bytes SymmetricState::seal(ByteView plaintext) {
  auto ciphertext = cipher_.seal(hash_, plaintext).value();  // a handshake seals twice at most with one key
  mix_hash(ciphertext);
  return ciphertext;
}

Result<Bytes> SymmetricState::open(ByteView ciphertext) {
  auto plaintext = cipher_.open(hash_, ciphertext);
  if (plaintext) mix_hash(ciphertext);
  return plaintext;
}

TransportKeys SymmetricState::split() const {
  const auto keys = derive(chaining_key_, {});
  return {keys.first, keys.second};
}

}  // namespace konekwa::wa
