// What waits for one device: stanzas in order, kept until the device settles each by a receipt or an ack. A new
// connection gets all that is not settled again.
#pragma once

#include <deque>
#include <string>

#include "daemon/wa/node.h"

namespace konekwa::sandbox {

// Where the stanzas of a mailbox go out: a client's connection, or the simulated phone.
class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void on_mail() = 0;  // something may be there to be taken
};

class Mailbox {
 public:
  void push(wa::Node stanza);  // when kMailboxMax wait already, the oldest is dropped
  const wa::Node* take_unsent();  // the next one to send on the present connection; nullptr when there is none
  void rewind() { sent_ = 0; }    // the connection is gone: all is unsent
  // Removes the stanza with this tag and id, the one from `from` when there are several.
  bool settle(std::string_view tag, const std::string& id, const std::optional<wa::Jid>& from);
  std::size_t count(std::string_view tag) const;
  std::size_t unsent() const { return stanzas_.size() - sent_; }
  const std::deque<wa::Node>& stanzas() const { return stanzas_; }

 private:
  std::deque<wa::Node> stanzas_;  // the first sent_ of them are on their way
  std::size_t sent_ = 0;
};

inline constexpr std::size_t kMailboxMax = 20'000;

}  // namespace konekwa::sandbox
