// The certificate chain that a server shows inside the Noise handshake: root (serial 0) signs an intermediate, the
// intermediate signs a leaf, the leaf's key is the server's Noise static key.
#pragma once

#include "common/random.h"
#include "common/time.h"
#include "daemon/wa/keys.h"

namespace konekwa::wa {

// What a server needs to answer handshakes.
struct ServerIdentity {
  KeyPair static_key;
  Bytes certificate_chain;  // serialized CertChain
};

// Makes a chain for `static_key` that is valid from a day before `now` for ten years.
ServerIdentity issue_server_identity(const KeyPair& root, const KeyPair& static_key, Time now, Random& random);

// Verifies signatures, serials, key lengths, the validity window, and that the leaf's key is `static_key`.
// UNTRUSTED with the reason in details.
Result<> verify_certificate_chain(ByteView chain, const Key& root, const Key& static_key, Time now);

}  // namespace konekwa::wa
