// What WhatsApp keeps the account of a session from doing for a while, as sessions.restrictions has it. Each function
// runs in a batch.
#pragma once

#include <optional>
#include <string>

#include "daemon/store/sessions.h"

namespace konekwa::session {

inline constexpr const char* kReachoutTimelock = "REACHOUT_TIMELOCK";   // of messages to people it has no chat with
inline constexpr const char* kTemporaryBan = "TEMPORARY_BAN";

struct Restriction {
  std::string type, applies_to;
  int wa_code = 0;
  std::optional<Time> until;                 // nothing: it was not told
};

// In place of one of that type; but what was told about its end is not forgotten while it lasts.
void put_restriction(store::Database& db, const std::string& session, const Restriction& restriction, Time now);
void lift_restriction(store::Database& db, const std::string& session, const std::string& type);

}  // namespace konekwa::session
