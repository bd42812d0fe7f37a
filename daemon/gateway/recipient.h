// Whom a message is for, in the one form that is stored: "0812-3456 7890" and "+62 812 3456 7890" are 6281234567890.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"

namespace konekwa {

struct Recipient {
  std::string text;       // digits, "123456789012345@lid", or "120363012345678901@g.us"
  std::string chat_id;    // "6281234567890@s.whatsapp.net", the lid, or the group
};

// `default_country` replaces a leading 0. INVALID_RECIPIENT.
Result<Recipient> parse_recipient(std::string_view text, std::string_view default_country);

}  // namespace konekwa
