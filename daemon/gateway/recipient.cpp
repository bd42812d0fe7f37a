#include "daemon/gateway/recipient.h"

#include <algorithm>

namespace konekwa {
namespace {

// E.164 allows 15 digits; no country has mobile numbers of fewer than 8 with its code.
constexpr std::size_t kNumberDigitsMin = 8;
constexpr std::size_t kNumberDigitsMax = 15;
constexpr std::size_t kLidDigitsMax = 20;
constexpr std::size_t kGroupIdMax = 40;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

tl::unexpected<Error> invalid(std::string details) {
  return fail(ErrorCode::INVALID_RECIPIENT, std::move(details));
}

// What people put between the digits of a number.
std::string without_separators(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return std::string_view(" -.()\t").find(c) == std::string_view::npos; });
  return out;
}

Result<Recipient> from_international(const std::string& number) {
  if (!is_digits(number) || number.front() == '0') {
    return invalid("use a number with its country code, such as 6281234567890");
  }
  if (number.size() < kNumberDigitsMin || number.size() > kNumberDigitsMax) {
    return invalid("a number has 8 to 15 digits");
  }
  return Recipient{number, number + "@s.whatsapp.net"};
}

// "120363012345678901", or of an old group "6281234567890-1600000000".
Result<Recipient> from_group(std::string_view id) {
  const std::size_t dash = std::min(id.find('-'), id.size());
  const bool is_old = dash < id.size();
  const bool is_right = id.size() <= kGroupIdMax && is_digits(id.substr(0, dash)) &&
                        (!is_old || is_digits(id.substr(dash + 1)));
  if (!is_right) return invalid("a group's id is digits before @g.us, such as 120363012345678901@g.us");
  const std::string jid = std::string(id) + "@g.us";
  return Recipient{jid, jid};
}

Result<Recipient> from_jid(std::string_view user, std::string_view server) {
  if (server == "s.whatsapp.net" || server == "c.us") return from_international(std::string(user));
  if (server == "g.us") return from_group(user);
  if (server != "lid") {
    return invalid("use a phone number, or an id that ends in @s.whatsapp.net, @c.us, @g.us or @lid");
  }
  if (!is_digits(user) || user.size() > kLidDigitsMax) return invalid("a lid is digits before the @");
  const std::string jid = std::string(user) + "@lid";
  return Recipient{jid, jid};
}

}  // namespace

Result<Recipient> parse_recipient(std::string_view text, std::string_view default_country) {
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    return from_jid(text.substr(0, at), text.substr(at + 1));
  }
  const std::string number = without_separators(text);
  if (number.rfind("+", 0) == 0) return from_international(number.substr(1));
  if (number.rfind("00", 0) == 0) return from_international(number.substr(2));
  if (number.rfind("0", 0) == 0) return from_international(std::string(default_country) + number.substr(1));
  return from_international(number);
}

}  // namespace konekwa
