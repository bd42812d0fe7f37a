#include "daemon/wa/account_notices.h"

#include <catch2/catch.hpp>

namespace konekwa::wa {
namespace {

Node update(const std::string& json, const char* operation = "NotificationUserReachoutTimelockUpdate") {
  Node notification("notification", {{"type", "mex"}, {"from", Jid::of_server()}});
  notification.add(Node("update", {{"op_name", operation}}, to_bytes(as_bytes(json))));
  return notification;
}

TEST_CASE("a time-lock on new contacts says until when") {
  const auto lock = parse_reachout_timelock(update(
      R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":true,"time_enforcement_ends":"1773138660"}}})"));
  REQUIRE(lock);
  CHECK(lock->is_active);
  CHECK(lock->ends_at == from_unix_seconds(1773138660));
  const auto lifted =
      parse_reachout_timelock(update(R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":false}}})"));
  REQUIRE(lifted);
  CHECK_FALSE(lifted->is_active);
  CHECK_FALSE(lifted->ends_at);
}

TEST_CASE("what is no time-lock, or says nothing of use, is none") {
  const std::string lock = R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":true}}})";
  CHECK(parse_reachout_timelock(update(lock)));
  CHECK_FALSE(parse_reachout_timelock(update(lock, "NotificationNewsletterUpdate")));
  CHECK_FALSE(parse_reachout_timelock(Node("notification", {{"type", "mex"}})));
  for (const char* json : {"", "{", "[]", "null", R"({"data":null})", R"({"data":[1]})",
                           R"({"data":{"xwa2_notify_account_reachout_timelock":1}})",
                           R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":"yes"}}})"}) {
    INFO(json);
    CHECK_FALSE(parse_reachout_timelock(update(json)));
  }
  for (const char* ends : {"\"soon\"", "-1", "\"99999999999999999999\"", "[]"}) {
    INFO(ends);
    const auto vague = parse_reachout_timelock(update(
        R"({"data":{"xwa2_notify_account_reachout_timelock":{"is_active":true,"time_enforcement_ends":)" +
        std::string(ends) + "}}}"));
    REQUIRE(vague);
    CHECK_FALSE(vague->ends_at);
  }
}

}  // namespace
}  // namespace konekwa::wa
