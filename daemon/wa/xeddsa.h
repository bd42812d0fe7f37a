// XEdDSA as libsignal does it: Ed25519 signatures by Curve25519 keys. The sign of the Edwards point, which a Curve25519
// public key does not tell, travels in bit 7 of the signature's last octet.
#pragma once

#include "daemon/wa/keys.h"

namespace konekwa::wa::xeddsa {

Signature sign(const Key& private_key, ByteView message, Random& random);
bool verify(const Key& public_key, ByteView message, const Signature& signature);

}  // namespace konekwa::wa::xeddsa
