// How a message goes to a group: encrypted once under our sender key, which those devices that cannot read it yet get
// beside it, one by one. FanOut hands everything of groups over to this.
//
// A device counts as able to read only when the server has taken the message that brought it our key. When one of
// those who can read is not among the group's devices any more, the key is replaced before the next message.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/alive.h"
#include "daemon/session/fan_out.h"
#include "daemon/session/group_query.h"

namespace konekwa::session {

class GroupFanOut {
 public:
  using Done = FanOut::Done;
  using Outgoing = FanOut::Outgoing;

  GroupFanOut(const Link& link, FanOut& fan_out) : link_(link), fan_out_(fan_out), query_(link) {}
  GroupQuery& query() { return query_; }

  // Why nothing can be written to the group, as far as it is known: GROUP_ANNOUNCE_ONLY.
  std::optional<Error> obstacle(const wa::Jid& group);
  // As FanOut's functions of the same names, for a group. NOT_GROUP_MEMBER.
  bool is_ready(const wa::Jid& group);
  void prepare(const wa::Jid& group, Done done);
  Result<wa::Node> encrypt(const wa::Jid& group, const Outgoing& outgoing);
  Result<wa::Node> encrypt_for(const wa::Jid& device, const wa::Jid& participant, const wa::Jid& group,
                               const Outgoing& outgoing, int retry_count);

  // The server's answer to a message that encrypt() made; adds what follows for the message's row.
  void on_ack(const wa::Node& ack, store::WriteBatch& batch);
  void on_unsent(const std::string& id) { in_flight_.erase(id); }   // it never went out

 private:
  struct Target {
    wa::Jid wire, ratchet;             // as the group names it; as its ratchet and our rows do
  };
  struct Targets {
    std::vector<Target> devices;       // without our own one
    std::vector<wa::Jid> unknown;      // users whose devices have to be asked for
  };
  struct InFlight {
    wa::Jid group;
    std::set<wa::Jid> devices;         // that got our key with it
    std::string hash;
    std::int64_t people = 0;
  };

  wa::Jid self() const { return link_.device.addresses().canonical(link_.device.jid()); }
  Targets targets(const wa::Group& group);
  std::vector<Target> without_key(const wa::Jid& group, const Targets& targets);
  std::set<wa::Jid> able_to_read(const wa::Jid& group);
  void rotate_if_needed(const wa::Jid& group, const Targets& targets);
  std::string hash_of(const wa::Group& group, const Targets& targets) const;
  void ensure_devices(const wa::Jid& group, Done done);
  void ensure_keys(const wa::Jid& group, Done done);
  void forget_members(const wa::Jid& group);

  const Link& link_;
  FanOut& fan_out_;
  GroupQuery query_;
  std::map<std::string, InFlight> in_flight_;   // by stanza id, until the ack
  std::set<wa::Jid> unlisted_;                  // users whom the server does not know; asked again next connection
  Alive alive_;
};

}  // namespace konekwa::session
