// Signatures of webhooks by the Standard Webhooks convention: the daemon signs what it delivers, and the CLI what it
// forwards. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/random.h"

namespace konekwa {

// "v1,<base64>" over "id.timestamp.body"; `secret` is "whsec_" and base64. "" when the secret is not of that form.
std::string webhook_signature(std::string_view secret, std::string_view id, std::int64_t timestamp,
                              std::string_view body);
std::string new_webhook_secret(Random& random);

}  // namespace konekwa
