#include "daemon/wa/keys.h"

#include <sodium.h>

#include "daemon/wa/xeddsa.h"

namespace konekwa::wa {
namespace {

constexpr std::uint8_t kTypeByte = 0x05;

}  // namespace

KeyPair generate_key_pair(Random& random) {
  Key private_key = random.array<32>();
  // libsignal keeps private keys clamped and signs with them as they are.
  private_key[0] &= 248;
  private_key[31] = static_cast<std::uint8_t>((private_key[31] & 127) | 64);
  return key_pair_from_private(private_key);
}

KeyPair key_pair_from_private(const Key& private_key) {
  KeyPair pair;
  pair.private_key = private_key;
  crypto_scalarmult_curve25519_base(pair.public_key.data(), private_key.data());
  return pair;
}

Result<Key> agree(const Key& private_key, const Key& public_key) {
  Key shared;
  if (crypto_scalarmult_curve25519(shared.data(), private_key.data(), public_key.data()) != 0) {
    return fail(ErrorCode::BAD_SIGNATURE, "a public key of low order");
  }
  return shared;
}

Signature sign(const Key& private_key, ByteView message, Random& random) {
  return xeddsa::sign(private_key, message, random);
}

bool verify(const Key& public_key, ByteView message, ByteView signature) {
  const auto octets = to_array<64>(signature);
  return octets && xeddsa::verify(public_key, message, *octets);
}

SignedPreKey generate_signed_prekey(const KeyPair& identity, std::uint32_t id, Random& random) {
  SignedPreKey prekey;
  prekey.id = id;
  prekey.key = generate_key_pair(random);
  prekey.signature = sign(identity.private_key, with_type_byte(prekey.key.public_key), random);
  return prekey;
}

bool verify_signed_prekey(const Key& identity, const Key& prekey, ByteView signature) {
  return verify(identity, with_type_byte(prekey), signature);
}

Bytes with_type_byte(const Key& public_key) {
  Bytes out{kTypeByte};
  append(out, public_key);
  return out;
}

std::optional<Key> strip_type_byte(ByteView key) {
  if (key.size() == 33 && key[0] == kTypeByte) key = key.subspan(1);
  return to_array<32>(key);
}

}  // namespace konekwa::wa
