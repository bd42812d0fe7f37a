// A certificate for 127.0.0.1 and localhost that is its own authority: clients that are given the file trust it.
#pragma once

#include <string>

#include "common/error.h"

namespace konekwa::sandbox {

struct TlsIdentity {
  std::string certificate_file, key_file;  // PEM
};

// The one in `directory`, made there (valid for ten years) when it is missing. STORAGE_UNAVAILABLE when it cannot be.
Result<TlsIdentity> tls_identity_in(const std::string& directory);

}  // namespace konekwa::sandbox
