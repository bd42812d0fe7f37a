// The signed link to a public QR code: "<unix seconds until which it holds>.<MAC>". Whoever shows it was given the
// session's qr_url by us; a chosen session id could be guessed. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.h"
#include "common/time.h"

namespace konekwa {

inline constexpr Duration kQrLinkLifetime = hours(24);

std::string sign_qr_link(ByteView key, std::string_view session, Time expires_at);   // `key`: 32 octets
bool is_qr_link_valid(ByteView key, std::string_view session, std::string_view link_token, Time now);

}  // namespace konekwa
