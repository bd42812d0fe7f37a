#include "daemon/store/chat_timers.h"

namespace konekwa::store::chat_timers {

// Messages come late and out of order: what was set earlier does not displace what was set later.
void put(Database& db, const std::string& session, const std::string& chat, const ChatTimer& timer) {
  db.execute("INSERT INTO chat_timers (session, chat, seconds, set_at) VALUES (?, ?, ?, ?)"
             " ON CONFLICT DO UPDATE SET seconds = excluded.seconds, set_at = excluded.set_at"
             " WHERE excluded.set_at >= chat_timers.set_at",
             {session, chat, static_cast<std::int64_t>(timer.seconds), timer.set_at_s});
}

std::optional<ChatTimer> find(Database& db, const std::string& session, const std::string& chat) {
  std::optional<ChatTimer> out;
  db.query_one("SELECT seconds, set_at FROM chat_timers WHERE session = ? AND chat = ?", {session, chat},
               [&](const Row& row) { out = ChatTimer{static_cast<std::uint32_t>(row.integer(0)), row.integer(1)}; });
  return out;
}

}  // namespace konekwa::store::chat_timers
