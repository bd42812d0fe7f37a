// Settings that the service manager hands to this process and nobody else, each in a file (LoadCredential= of systemd).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/error.h"

namespace konekwa {

inline constexpr std::size_t kCredentialOctetsMax = 64 * 1024;

// What the files "konekwad_NAME" of `folder`, $CREDENTIALS_DIRECTORY, hold, as (NAME, text), in the order of the names;
// other files are not for us. An end of line at the end is not part of it. "" has none. INVALID_REQUEST names the file
// that cannot be read.
Result<std::vector<std::pair<std::string, std::string>>> read_credentials(const std::string& folder);

}  // namespace konekwa
