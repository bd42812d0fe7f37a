// What a session knows of its groups: what WhatsApp said of each, kept true by its notifications, and which devices
// hold our present sender key in it. Read through to durable rows; changes are taken along with the next commit.
//
// On the loop; owned by Device.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/time.h"
#include "daemon/store/store.h"
#include "daemon/wa/groups.h"

namespace konekwa::session {

class AddressBook;

class GroupBook {
 public:
  GroupBook(std::string session, store::Readers& readers, AddressBook& addresses);

  // Null: not known, or not to be trusted any more; the server has to be asked. Valid until the next change.
  const wa::Group* find(const wa::Jid& group);
  void put(wa::Group group, Time now);                                // as the server describes it
  void put_all(std::vector<wa::Group> groups, Time now);              // the account is in these and no others
  void set_stale(const wa::Jid& group);
  void erase(const wa::Jid& group);                                   // the account is not in it
  // `self` tells that a removal is ours.
  void apply(const wa::GroupNotification& notification, const wa::Jid& self, const wa::Jid& self_alternate, Time now);

  // Canonical addresses of devices.
  const std::set<wa::Jid>& key_holders(const wa::Jid& group);
  void add_key_holders(const wa::Jid& group, const std::set<wa::Jid>& devices);
  void forget_key_holders(const wa::Jid& group);                      // the key is a new one
  void forget_key_holder(const wa::Jid& device);                      // it has lost our keys, in all groups

  void take_changes(store::WriteBatch& batch);
  void forget_clean();                                                // everything taken is durable

 private:
  struct Entry {
    std::optional<wa::Group> group;                                   // nothing: not in it
    std::optional<Time> fetched_at;                                   // nothing: stale
    bool is_dirty = false;
  };
  struct Holders {
    std::set<wa::Jid> devices;
    bool is_dirty = false;
  };
  Entry& entry(const wa::Jid& group);
  Holders& holders(const wa::Jid& group);
  void apply_one(const wa::GroupChange& change, const wa::Jid& group, Time now);
  void learn(const std::vector<wa::GroupMember>& members);

  const std::string session_;
  store::Readers& readers_;
  AddressBook& addresses_;
  std::map<wa::Jid, Entry> entries_;
  std::map<wa::Jid, Holders> holders_;
  std::set<std::string> lost_holders_;                                // perhaps not durable yet
  std::vector<std::string> lost_lately_;                              // to be written
  std::optional<std::vector<std::string>> only_groups_;               // all others are to be erased
};

}  // namespace konekwa::session
