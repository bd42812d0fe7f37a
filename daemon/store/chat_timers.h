// The timers of disappearing messages in chats with people. Addresses are text forms of Jids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/store/database.h"

namespace konekwa::store {

struct ChatTimer {
  std::uint32_t seconds = 0;            // 0: messages stay
  std::int64_t set_at_s = 0;            // unix time, as whoever set it says; 0: not told

  bool operator==(const ChatTimer&) const = default;
};

namespace chat_timers {

void put(Database& db, const std::string& session, const std::string& chat, const ChatTimer& timer);   // unless older
std::optional<ChatTimer> find(Database& db, const std::string& session, const std::string& chat);

}  // namespace chat_timers
}  // namespace konekwa::store
