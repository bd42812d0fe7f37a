// Asks WhatsApp about groups, for the GroupBook. The same question is asked once, however many wait for its answer.
// Lives as long as one connection.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "common/alive.h"
#include "daemon/session/link.h"

namespace konekwa::session {

class GroupQuery {
 public:
  explicit GroupQuery(const Link& link) : link_(link) {}

  // One group; afterwards the book has it. NOT_GROUP_MEMBER when it is gone or the account is not in it (the
  // book has forgotten it then), or what the network says.
  using Done = std::function<void(Result<>)>;
  void fetch(const wa::Jid& group, Done done);
  // All groups of the account; once a connection, and again after forget_list().
  void fetch_all(Done done);
  void forget_list() { is_listed_ = false; }

 private:
  void answer(const wa::Jid& group, const Result<>& result);

  const Link& link_;
  std::map<wa::Jid, std::vector<Done>> waiting_;   // by group; the list under "g.us"
  bool is_listed_ = false;
  Alive alive_;
};

}  // namespace konekwa::session
