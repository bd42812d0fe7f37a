// Curve25519 keys, XEdDSA signatures and the symmetric primitives that WhatsApp builds on.
// Keys are the 32 raw octets everywhere here; the 33-octet form with 0x05 in front exists only inside Signal's own
// messages and as the input of signed-prekey signatures.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/bytes.h"
#include "common/error.h"
#include "common/random.h"

namespace konekwa::wa {

using Key = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

struct KeyPair {
  Key public_key{};
  Key private_key{};
};

struct PreKey {
  std::uint32_t id = 0;  // 1..0xFFFFFF
  KeyPair key;
};

struct SignedPreKey {
  std::uint32_t id = 0;
  KeyPair key;
  Signature signature{};  // by the identity key over 0x05 || public key
};

KeyPair generate_key_pair(Random& random);
KeyPair key_pair_from_private(const Key& private_key);
Result<Key> agree(const Key& private_key, const Key& public_key);  // X25519; BAD_SIGNATURE for a low-order point

// libsignal-style XEdDSA over Curve25519 keys: the Edwards sign bit travels in bit 7 of the last octet.
Signature sign(const Key& private_key, ByteView message, Random& random);
bool verify(const Key& public_key, ByteView message, ByteView signature);

SignedPreKey generate_signed_prekey(const KeyPair& identity, std::uint32_t id, Random& random);
bool verify_signed_prekey(const Key& identity, const Key& prekey, ByteView signature);
Bytes with_type_byte(const Key& public_key);                     // 0x05 || key
std::optional<Key> strip_type_byte(ByteView key);                // accepts 32 or 33 octets

Bytes sha256(ByteView data);
Bytes sha1(ByteView data);
Bytes md5(ByteView data);
Bytes hmac_sha256(ByteView key, ByteView data);
Bytes hkdf_sha256(ByteView key_material, ByteView salt, std::string_view info, std::size_t length);
// ciphertext || 16-octet tag; iv is 12 octets.
Bytes aes_gcm_seal(const Key& key, ByteView iv, ByteView aad, ByteView plaintext);
Result<Bytes> aes_gcm_open(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext);

}  // namespace konekwa::wa
