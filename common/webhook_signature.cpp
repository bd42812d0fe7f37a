#include "common/webhook_signature.h"

#include <array>

#include "common/bytes.h"

#include <sodium.h>

namespace konekwa {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kSecretOctets = 32;

void update(crypto_auth_hmacsha256_state& state, std::string_view text) {
  crypto_auth_hmacsha256_update(&state, as_bytes(text).data(), text.size());
}

}  // namespace

std::string webhook_signature(std::string_view secret, std::string_view id, std::int64_t timestamp,
                              std::string_view body) {
  if (!secret.starts_with(kSecretPrefix)) return "";
  const auto key = from_base64(secret.substr(kSecretPrefix.size()));
  if (!key || key->empty()) return "";

  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key->data(), key->size());
  update(state, id);
  update(state, "." + std::to_string(timestamp) + ".");
  update(state, body);
  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> mac;
  crypto_auth_hmacsha256_final(&state, mac.data());
  return "v1," + to_base64(mac);
}

std::string new_webhook_secret(Random& random) {
  return std::string(kSecretPrefix) + to_base64(random.bytes(kSecretOctets));
}

}  // namespace konekwa
