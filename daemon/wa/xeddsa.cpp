#include "daemon/wa/xeddsa.h"

#include <openssl/bn.h>
#include <sodium.h>

namespace konekwa::wa::xeddsa {
namespace {

constexpr std::uint8_t kSignBit = 0x80;

using Digest = std::array<std::uint8_t, crypto_hash_sha512_BYTES>;

Digest sha512(std::initializer_list<ByteView> parts) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (const auto part : parts) crypto_hash_sha512_update(&state, part.data(), part.size());
  Digest digest;
  crypto_hash_sha512_final(&state, digest.data());
  sodium_memzero(&state, sizeof state);
  return digest;
}

Key reduce(const Digest& digest) {
  Key scalar;
  crypto_core_ed25519_scalar_reduce(scalar.data(), digest.data());
  return scalar;
}

Key base_point_times(const Key& scalar) {
  Key point;
  // It refuses only the scalar 0, which neither a clamped key nor (but for a chance of 2^-252) a nonce is.
  KONEKWA_ASSERT(crypto_scalarmult_ed25519_base_noclamp(point.data(), scalar.data()) == 0);
  return point;
}

struct BigDeleter {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Big = std::unique_ptr<BIGNUM, BigDeleter>;

// The Edwards y of a Montgomery u: (u - 1) / (u + 1) modulo 2^255 - 19. Nothing for u = -1, which has none.
// Public values only, so it need not run in constant time.
std::optional<Key> edwards_y(Key u_octets) {
  u_octets[31] &= 0x7f;
  const std::unique_ptr<BN_CTX, BigDeleter> context(BN_CTX_new());
  const Big p(BN_new()), u(BN_lebin2bn(u_octets.data(), static_cast<int>(u_octets.size()), nullptr));
  const Big above(BN_dup(u.get())), below(BN_dup(u.get()));
  KONEKWA_ASSERT(context && p && u && above && below);

  BN_set_bit(p.get(), 255);
  BN_sub_word(p.get(), 19);
  BN_add_word(below.get(), 1);
  if (!BN_mod_inverse(below.get(), below.get(), p.get(), context.get())) return std::nullopt;
  KONEKWA_ASSERT(BN_mod_sub(above.get(), above.get(), BN_value_one(), p.get(), context.get()) == 1);
  KONEKWA_ASSERT(BN_mod_mul(above.get(), above.get(), below.get(), p.get(), context.get()) == 1);
  Key y;
  BN_bn2lebinpad(above.get(), y.data(), static_cast<int>(y.size()));
  return y;
}

}  // namespace

Signature sign(const Key& private_key, ByteView message, Random& random) {
  Key scalar = private_key;
  scalar[0] &= 248;
  scalar[31] = static_cast<std::uint8_t>((scalar[31] & 127) | 64);
  const Key edwards_public = base_point_times(scalar);

  // Hash 1 of the XEdDSA specification: a prefix that no message hash begins with, the key, the message, chance.
  Key prefix;
  prefix.fill(0xff);
  prefix[0] = 0xfe;
  auto chance = random.array<64>();
  Key nonce = reduce(sha512({prefix, scalar, message, chance}));
  const Key commitment = base_point_times(nonce);
  const Key challenge = reduce(sha512({commitment, edwards_public, message}));

  Key response;
  crypto_core_ed25519_scalar_mul(response.data(), challenge.data(), scalar.data());
  crypto_core_ed25519_scalar_add(response.data(), response.data(), nonce.data());

  Signature signature;
  std::copy(commitment.begin(), commitment.end(), signature.begin());
  std::copy(response.begin(), response.end(), signature.begin() + 32);
  signature[63] = static_cast<std::uint8_t>((signature[63] & ~kSignBit) | (edwards_public[31] & kSignBit));
  sodium_memzero(scalar.data(), scalar.size());
  sodium_memzero(nonce.data(), nonce.size());
  sodium_memzero(chance.data(), chance.size());
  return signature;
}

bool verify(const Key& public_key, ByteView message, const Signature& signature) {
  auto edwards_public = edwards_y(public_key);
  if (!edwards_public) return false;
  (*edwards_public)[31] |= signature[63] & kSignBit;
  Signature plain = signature;
  plain[63] &= static_cast<std::uint8_t>(~kSignBit);
  return crypto_sign_ed25519_verify_detached(plain.data(), message.data(), message.size(), edwards_public->data()) == 0;
}

}  // namespace konekwa::wa::xeddsa
