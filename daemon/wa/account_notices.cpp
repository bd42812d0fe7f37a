#include "daemon/wa/account_notices.h"

#include "common/json.h"

#include <nlohmann/json.hpp>

#include <charconv>

namespace konekwa::wa {
namespace {

constexpr const char* kTimelockUpdate = "NotificationUserReachoutTimelockUpdate";

// The member of an object; null when it is none or has none.
const Json& member(const Json& object, const char* name) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

// Of "1773138660", as it comes, or of a number.
std::optional<Time> seconds_in(const Json& value) {
  std::int64_t seconds = 0;
  if (value.is_number_integer()) {
    seconds = value.get<std::int64_t>();
  } else if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  }
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  return seconds > 0 && seconds < kYear10000 ? std::optional(from_unix_seconds(seconds)) : std::nullopt;
}

}  // namespace

std::optional<ReachoutTimelock> parse_reachout_timelock(const Node& notification) {
  const Node* update = notification.child("update");
  if (!update || update->attr("op_name") != kTimelockUpdate) return std::nullopt;
  const auto body = parse_json(update->text());
  if (!body) return std::nullopt;
  const Json& lock = member(member(*body, "data"), "xwa2_notify_account_reachout_timelock");
  const Json& active = member(lock, "is_active");
  if (!active.is_boolean()) return std::nullopt;
  return ReachoutTimelock{active.get<bool>(), seconds_in(member(lock, "time_enforcement_ends"))};
}

bool is_passkey_request(const Node& notification) {
  return notification.tag == "notification" && notification.attr("type") == "passkey_prologue_request";
}

}  // namespace konekwa::wa
