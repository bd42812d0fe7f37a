#include "daemon/gateway/qr_link.h"

#include <charconv>

#include <fmt/format.h>
#include <sodium.h>

#include "common/error.h"

namespace konekwa {
namespace {

constexpr std::size_t kMacSize = 16;

std::string mac_of(ByteView key, std::string_view session, std::int64_t expires_at_s) {
  KONEKWA_ASSERT(key.size() == crypto_auth_hmacsha256_KEYBYTES);
  const std::string text = fmt::format("qr\n{}\n{}", session, expires_at_s);
  Bytes mac(crypto_auth_hmacsha256_BYTES);
  ::crypto_auth_hmacsha256(mac.data(), as_bytes(text).data(), text.size(), key.data());
  mac.resize(kMacSize);
  return to_base64url(mac);
}

}  // namespace

std::string sign_qr_link(ByteView key, std::string_view session, Time expires_at) {
  return fmt::format("{}.{}", unix_seconds(expires_at), mac_of(key, session, unix_seconds(expires_at)));
}

bool is_qr_link_valid(ByteView key, std::string_view session, std::string_view link_token, Time now) {
  const std::size_t dot = link_token.find('.');
  if (dot == std::string_view::npos) return false;
  std::int64_t expires_at_s = 0;
  const auto [end, error] = std::from_chars(link_token.data(), link_token.data() + dot, expires_at_s);
  if (error != std::errc() || end != link_token.data() + dot || expires_at_s < unix_seconds(now)) return false;
  return equal(as_bytes(link_token.substr(dot + 1)), as_bytes(mac_of(key, session, expires_at_s)));
}

}  // namespace konekwa
