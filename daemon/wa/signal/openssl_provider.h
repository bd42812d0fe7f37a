// The symmetric primitives that libsignal asks its host for: HMAC-SHA256, SHA-512 and AES by OpenSSL, chance by Random.
#pragma once

#include "common/random.h"

struct signal_context;

namespace konekwa::wa {

// `random` must outlive the context.
void install_openssl_provider(signal_context* context, Random& random);

}  // namespace konekwa::wa
