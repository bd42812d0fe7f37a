#include "daemon/sandbox/group.h"

#include <algorithm>

namespace konekwa::sandbox {
namespace {

constexpr std::uint64_t kGroupNumbers = 1'000'000'000'000;  // twelve digits after "120363"
constexpr std::size_t kInviteCodeLength = 22;

}  // namespace

GroupMember* Group::member(const std::string& lid) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.lid == lid; });
  return found == members.end() ? nullptr : &*found;
}

const GroupMember* Group::member(const std::string& lid) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.lid == lid; });
  return found == members.end() ? nullptr : &*found;
}

bool Group::has_admin(const std::string& lid) const {
  const GroupMember* one = member(lid);
  return one && one->rank != GroupMember::Rank::Member;
}

Group& Groups::create(Random& random) {
  Group group;
  do {
    group.id = fmt::format("120363{:012}", random.below(kGroupNumbers));
  } while (by_id_.contains(group.id));
  group.invite_code = new_invite_code(random);
  const std::string id = group.id;
  insert(std::move(group));
  return *by_id_.at(id);
}

void Groups::insert(Group group) {
  const std::string id = group.id;
  by_id_[id] = std::make_unique<Group>(std::move(group));
}

void Groups::erase(const std::string& id) { by_id_.erase(id); }

Group* Groups::find(const wa::Jid& jid) {
  if (jid.server != wa::Server::Group) return nullptr;
  const auto found = by_id_.find(jid.user);
  return found == by_id_.end() ? nullptr : found->second.get();
}

Group* Groups::find_code(const std::string& invite_code) {
  for (const auto& [id, group] : by_id_) {
    if (group->invite_code == invite_code) return group.get();
  }
  return nullptr;
}

bool Groups::is_old_code(const std::string& invite_code) const {
  return std::any_of(by_id_.begin(), by_id_.end(),
                     [&](const auto& entry) { return entry.second->old_codes.contains(invite_code); });
}

std::string new_invite_code(Random& random) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string code;
  while (code.size() < kInviteCodeLength) code += kAlphabet[random.below(kAlphabet.size())];
  return code;
}

std::string_view to_string(GroupMember::Rank rank) {
  switch (rank) {
    case GroupMember::Rank::Member: return "";
    case GroupMember::Rank::Admin: return "admin";
    case GroupMember::Rank::SuperAdmin: return "superadmin";
  }
  return "";
}

}  // namespace konekwa::sandbox
