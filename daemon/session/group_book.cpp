#include "daemon/session/group_book.h"

#include "daemon/session/address_book.h"
#include "daemon/store/groups.h"

namespace konekwa::session {
namespace {

using Kind = wa::GroupChange::Kind;
using Role = wa::GroupMember::Role;

struct RoleWord {
  Role role;
  const char* word;
};
constexpr RoleWord kRoles[] = {{Role::Member, "member"}, {Role::Admin, "admin"}, {Role::SuperAdmin, "superadmin"}};

std::string text(const std::optional<wa::Jid>& jid) { return jid ? to_string(*jid) : std::string(); }

store::GroupRow row_of(const std::string& session, const wa::Group& group, std::optional<Time> fetched_at) {
  store::GroupRow row;
  row.session = session;
  row.jid = to_string(group.jid);
  row.subject = group.subject;
  row.description = group.description;
  row.description_id = group.description_id;
  row.owner = text(group.owner);
  row.owner_alternate = text(group.owner_alternate);
  row.community = text(group.community);
  row.uses_lids = group.uses_lids;
  row.is_announcement = group.is_announcement;
  row.is_locked = group.is_locked;
  row.needs_approval = group.needs_approval;
  row.members_may_add = group.members_may_add;
  row.is_community = group.is_community;
  row.is_community_announcement = group.is_community_announcement;
  row.is_suspended = group.is_suspended;
  row.ephemeral_s = group.ephemeral_s;
  row.size = group.size;
  row.created_at = group.created_at;
  row.subject_at = group.subject_at;
  row.fetched_at = fetched_at;
  for (const wa::GroupMember& member : group.members) {
    for (const RoleWord& known : kRoles) {
      if (known.role == member.role) row.members.push_back({to_string(member.jid), text(member.alternate), known.word});
    }
  }
  return row;
}

std::optional<wa::Group> group_of(const store::GroupRow& row) {
  const auto jid = wa::Jid::parse(row.jid);
  if (!jid) return std::nullopt;
  wa::Group group;
  group.jid = *jid;
  group.subject = row.subject;
  group.description = row.description;
  group.description_id = row.description_id;
  group.owner = wa::Jid::parse(row.owner);
  group.owner_alternate = wa::Jid::parse(row.owner_alternate);
  group.community = wa::Jid::parse(row.community);
  group.uses_lids = row.uses_lids;
  group.is_announcement = row.is_announcement;
  group.is_locked = row.is_locked;
  group.needs_approval = row.needs_approval;
  group.members_may_add = row.members_may_add;
  group.is_community = row.is_community;
  group.is_community_announcement = row.is_community_announcement;
  group.is_suspended = row.is_suspended;
  group.ephemeral_s = row.ephemeral_s;
  group.size = row.size;
  group.created_at = row.created_at;
  group.subject_at = row.subject_at;
  for (const store::GroupMemberRow& member : row.members) {
    const auto member_jid = wa::Jid::parse(member.jid);
    for (const RoleWord& known : kRoles) {
      if (member_jid && member.role == known.word) {
        group.members.push_back({*member_jid, wa::Jid::parse(member.alternate), known.role});
      }
    }
  }
  return group;
}

}  // namespace

GroupBook::GroupBook(std::string session, store::Readers& readers, AddressBook& addresses)
    : session_(std::move(session)), readers_(readers), addresses_(addresses) {}

// A read that fails is answered like a miss: the server is asked instead, and the next commit meets the same disk.
GroupBook::Entry& GroupBook::entry(const wa::Jid& group) {
  const auto [it, is_new] = entries_.try_emplace(group);
  if (!is_new || only_groups_) return it->second;
  const auto row = readers_.get<std::optional<store::GroupRow>>(
      [&](store::Database& db) { return store::groups::find(db, session_, to_string(group)); });
  if (row && *row) {
    it->second.group = group_of(**row);
    it->second.fetched_at = (*row)->fetched_at;
  }
  return it->second;
}

GroupBook::Holders& GroupBook::holders(const wa::Jid& group) {
  const auto [it, is_new] = holders_.try_emplace(group);
  if (!is_new) return it->second;
  const auto rows = readers_.get<std::set<std::string>>(
      [&](store::Database& db) { return store::groups::key_holders(db, session_, to_string(group)); });
  if (!rows) return it->second;
  for (const std::string& row : *rows) {
    const auto device = wa::Jid::parse(row);
    if (device && !lost_holders_.contains(row)) it->second.devices.insert(*device);
  }
  return it->second;
}

const wa::Group* GroupBook::find(const wa::Jid& group) {
  const Entry& known = entry(group);
  return known.group && known.fetched_at ? &*known.group : nullptr;
}

void GroupBook::learn(const std::vector<wa::GroupMember>& members) {
  for (const wa::GroupMember& member : members) {
    if (member.alternate) addresses_.learn(member.jid, *member.alternate);
  }
}

void GroupBook::put(wa::Group group, Time now) {
  learn(group.members);
  Entry& known = entry(group.jid);
  // Some notifications describe a group without the people in it.
  known.fetched_at = group.members.empty() ? std::nullopt : std::optional(now);
  known.group = std::move(group);
  known.is_dirty = true;
}

void GroupBook::put_all(std::vector<wa::Group> groups, Time now) {
  std::vector<std::string> names;
  for (const wa::Group& group : groups) names.push_back(to_string(group.jid));
  entries_.clear();
  only_groups_ = std::move(names);
  for (wa::Group& group : groups) put(std::move(group), now);
}

void GroupBook::set_stale(const wa::Jid& group) {
  Entry& known = entry(group);
  known.is_dirty |= known.fetched_at.has_value();
  known.fetched_at.reset();
}

void GroupBook::erase(const wa::Jid& group) {
  entry(group) = {std::nullopt, std::nullopt, true};
  holders(group) = {{}, true};
}

void GroupBook::apply(const wa::GroupNotification& notification, const wa::Jid& self, const wa::Jid& self_alternate,
                      Time now) {
  if (notification.author && notification.author_alternate) {
    addresses_.learn(*notification.author, *notification.author_alternate);
  }
  for (const wa::GroupChange& change : notification.changes) {
    learn(change.members);
    const bool is_removal = change.kind == Kind::Removed;
    const bool is_ours = is_removal && std::any_of(change.members.begin(), change.members.end(), [&](const auto& gone) {
      return gone.jid.is_same_user(self) || gone.jid.is_same_user(self_alternate);
    });
    is_ours ? erase(notification.group) : apply_one(change, notification.group, now);
  }
}

void GroupBook::apply_one(const wa::GroupChange& change, const wa::Jid& group, Time now) {
  if (change.kind == Kind::Harmless) return;
  if (change.kind == Kind::Created) return put(*change.group, now);
  if (change.kind == Kind::Deleted) return erase(group);
  if (change.kind == Kind::Unknown) return set_stale(group);
  Entry& known = entry(group);
  if (!known.group) return;
  wa::apply(change, *known.group);
  known.is_dirty = true;
}

const std::set<wa::Jid>& GroupBook::key_holders(const wa::Jid& group) { return holders(group).devices; }

void GroupBook::add_key_holders(const wa::Jid& group, const std::set<wa::Jid>& devices) {
  Holders& known = holders(group);
  for (const wa::Jid& device : devices) known.is_dirty |= known.devices.insert(device).second;
}

void GroupBook::forget_key_holders(const wa::Jid& group) {
  Holders& known = holders(group);
  known.is_dirty |= !known.devices.empty();
  known.devices.clear();
}

void GroupBook::forget_key_holder(const wa::Jid& device) {
  lost_holders_.insert(to_string(device));
  lost_lately_.push_back(to_string(device));
  for (auto& [group, known] : holders_) known.devices.erase(device);
}

void GroupBook::take_changes(store::WriteBatch& batch) {
  if (only_groups_) {
    batch.run([session = session_, kept = *only_groups_](store::Database& db) {
      store::groups::erase_others(db, session, kept);
    });
    only_groups_.reset();
  }
  for (auto& [jid, known] : entries_) {
    if (!known.is_dirty) continue;
    known.is_dirty = false;
    batch.run([session = session_, jid = to_string(jid),
               row = known.group ? std::optional(row_of(session_, *known.group, known.fetched_at)) : std::nullopt](
                  store::Database& db) {
      row ? store::groups::put(db, *row) : store::groups::erase(db, session, jid);
    });
  }
  for (const std::string& device : lost_lately_) {
    batch.run([session = session_, device](store::Database& db) {
      store::groups::forget_key_holder(db, session, device);
    });
  }
  lost_lately_.clear();
  for (auto& [jid, known] : holders_) {
    if (!known.is_dirty) continue;
    known.is_dirty = false;
    std::set<std::string> devices;
    for (const wa::Jid& device : known.devices) devices.insert(to_string(device));
    batch.run([session = session_, group = to_string(jid), devices](store::Database& db) {
      store::groups::set_key_holders(db, session, group, devices);
    });
  }
}

void GroupBook::forget_clean() {
  if (only_groups_) return;
  std::erase_if(entries_, [](const auto& known) { return !known.second.is_dirty; });
  if (!lost_lately_.empty()) return;
  lost_holders_.clear();
  std::erase_if(holders_, [](const auto& known) { return !known.second.is_dirty; });
}

}  // namespace konekwa::session
