// What people do to messages that are there already: react, edit, delete for everyone, vote. Each becomes an event, and
// an edit or a deletion also changes the row that it is about.
#pragma once

#include <string>
#include <vector>

#include "common/random.h"
#include "daemon/store/messages.h"
#include "daemon/wa/content.h"

namespace konekwa::session {

// Who did it, where and when. Addresses as in store::MessageRow.
struct Deed {
  std::string session, chat_id, wa_message_id;
  std::string sender, sender_lid, sender_name;
  bool is_own = false;                       // the account's owner, on another device
  std::vector<std::string> chat_names;       // of the chat, also under its other address
  std::vector<std::string> sender_jids;      // by LID and by number, whichever are known
  std::vector<std::string> own_jids;
  Time at{};
};

bool is_deed(wa::Content::Kind kind);        // Reaction, Edit, Revoke, PollVote: not a message of its own

// In a batch. An encrypted deed on a message that we do not have, or whose secret does not open it, is an event
// without what it said.
void record_deed(store::Database& db, const Deed& deed, const wa::Content& content, Time now, Random& ids);

}  // namespace konekwa::session
