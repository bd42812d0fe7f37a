// Privacy tokens ("tctoken"): a contact who trusts us sends us one, and we show it with each message; we issue ours to
// those we write to, once a week. Without one, WhatsApp may refuse messages to people who do not know us.
#pragma once

#include <set>
#include <string>

#include "daemon/session/link.h"

namespace konekwa::session {

class PrivacyTokens {
 public:
  explicit PrivacyTokens(const Link& link) : link_(link) {}

  void attach(wa::Node& message, const wa::Jid& chat);        // <tctoken>, when we hold one
  void issue(const wa::Jid& chat);                            // after a message was sent
  void receive(const wa::Node& notification, store::WriteBatch& batch);   // type=privacy_token

 private:
  std::string key(const wa::Jid& chat);

  const Link& link_;
  std::set<std::string> issued_;                              // on this connection
};

}  // namespace konekwa::session
