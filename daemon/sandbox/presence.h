// Who is available, who wants to know, and who is typing. Nothing of it is kept.
#pragma once

#include <map>
#include <set>

#include "daemon/sandbox/account.h"

namespace konekwa::sandbox {

struct Network;
class Companion;

class Presence {
 public:
  void on_presence(Network& network, Companion& client, const wa::Node& stanza);
  void on_chatstate(Network& network, const Party& sender, const wa::Node& stanza) const;
  void forget(Network& network, Companion& client);     // its connection ended

 private:
  bool is_available(const Account& account) const;
  void tell(Network& network, const Account& about, Companion& whom, wa::Server server) const;
  void tell_subscribers(Network& network, const Account& about) const;

  std::set<Companion*> available_;
  struct Subscription {
    std::string lid;
    wa::Server server;                                  // how the client addressed the contact
  };
  std::map<Companion*, std::vector<Subscription>> subscriptions_;
};

}  // namespace konekwa::sandbox
