// The Noise arithmetic under the handshake and the transport: what both ends compute alike.
// Pure state, no I/O. One object a connection, on the loop's thread.
#pragma once

#include <string_view>

#include "daemon/wa/keys.h"

namespace konekwa::wa {

inline constexpr std::string_view kNoiseXx = "Noise_XX_25519_AESGCM_SHA256";
inline constexpr std::string_view kNoiseIk = "Noise_IK_25519_AESGCM_SHA256";
inline constexpr std::string_view kNoiseXxFallback = "Noise_XXfallback_25519_AESGCM_SHA256";

// The prologue, which is also what a client sends before its first frame: "WA", protocol 6, dictionary 3.
inline constexpr std::array<std::uint8_t, 4> kIntro = {0x57, 0x41, 0x06, 0x03};

// AES-256-GCM with a counter as its nonce.
class CipherState {
 public:
  explicit CipherState(const Key& key) : key_(key) {}

  // Fails once the counter is used up: a nonce must never come twice. A connection ends then.
  Result<Bytes> seal(ByteView aad, ByteView plaintext);
  Result<Bytes> open(ByteView aad, ByteView ciphertext);   // PROTOCOL; fatal, the counters are out of step

 private:
  std::array<std::uint8_t, 12> next_nonce();

  Key key_;
  std::uint32_t counter_ = 0;
};

// The keys of the two directions once the handshake is done.
struct TransportKeys {
  Key client_to_server{};
  Key server_to_client{};
};

// The running hash and chaining key of a handshake.
class SymmetricState {
 public:
  explicit SymmetricState(std::string_view protocol_name);   // mixes the prologue

  void mix_hash(ByteView data);
  // Mixes the X25519 agreement of the two keys. Fails for a public key of low order.
  Result<> mix_agreement(const Key& private_key, const Key& public_key);
  Bytes seal(ByteView plaintext);
  Result<Bytes> open(ByteView ciphertext);
  TransportKeys split() const;

  const Key& hash() const { return hash_; }

 private:
  Key hash_{};
  Key chaining_key_{};
  CipherState cipher_;
};

}  // namespace konekwa::wa
