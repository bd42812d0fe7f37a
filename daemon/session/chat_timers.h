// Disappearing messages: in a chat that has a timer, what we send carries it, or it would stay on the phones where
// everything else goes. A group's is known from its description; that of a chat with a person is learned from its
// messages. Lives as long as one connection.
#pragma once

#include "daemon/session/link.h"
#include "daemon/wa/content.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {

class ChatTimers {
 public:
  explicit ChatTimers(const Link& link) : link_(link) {}

  void learn(const wa::Jid& chat, const wa::Content& content, store::WriteBatch& batch);
  void put(const wa::Jid& chat, wa::Content& content);      // into the context of what can have one

 private:
  const Link& link_;
};

}  // namespace konekwa::session
