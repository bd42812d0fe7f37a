#include "daemon/sandbox/group_changes.h"

#include "daemon/sandbox/group_nodes.h"
#include "daemon/sandbox/group_requests.h"

namespace konekwa::sandbox {
namespace {

constexpr int kRefusesGroups = 403;
constexpr int kNoSuchMember = 404;
constexpr int kIsCreator = 406;
constexpr int kIsSoAlready = 409;
constexpr int kIsFull = 419;

int admit_one(Group& group, const Account& account) {
  if (group.has(account.lid)) return kIsSoAlready;
  if (group.members.size() >= kGroupMembersMax) return kIsFull;
  group.members.push_back({account.lid});
  group.removed_lids.erase(account.lid);
  group.requests.erase(account.lid);
  group.invitations.erase(account.lid);
  return 0;
}

int add_one(Group& group, const Account& account) {
  return account.refuses_groups && !group.has(account.lid) ? kRefusesGroups : admit_one(group, account);
}

int remove_one(Group& group, const Account& account) {
  const GroupMember* member = group.member(account.lid);
  if (!member) return kNoSuchMember;
  if (member->rank == GroupMember::Rank::SuperAdmin) return kIsCreator;
  std::erase_if(group.members, [&](const GroupMember& one) { return one.lid == account.lid; });
  group.removed_lids.insert(account.lid);
  return 0;
}

int rank_one(Group& group, const Account& account, GroupMember::Rank rank) {
  GroupMember* member = group.member(account.lid);
  if (!member) return kNoSuchMember;
  if (member->rank == rank) return kIsSoAlready;
  if (member->rank == GroupMember::Rank::SuperAdmin) {
    return rank == GroupMember::Rank::Admin ? kIsSoAlready : kIsCreator;
  }
  member->rank = rank;
  return 0;
}

int apply(Group& group, const Account& account, MemberAction action) {
  switch (action) {
    case MemberAction::Add: return add_one(group, account);
    case MemberAction::Admit: return admit_one(group, account);
    case MemberAction::Remove: return remove_one(group, account);
    case MemberAction::Promote: return rank_one(group, account, GroupMember::Rank::Admin);
    case MemberAction::Demote: return rank_one(group, account, GroupMember::Rank::Member);
  }
  return 0;
}

wa::Node change_node(const Group& group, MemberAction action, const std::vector<Account*>& accounts) {
  wa::Node node{std::string(to_string(action))};
  for (const Account* account : accounts) node.add(participant_node(group, *account));
  return node;
}

wa::Node create_node(Network& network, const Group& group, const char* name, const char* value) {
  return wa::Node("create", {{name, value}}, wa::Node::Children{group_node(network, group)});
}

// The acting device knows as soon as the others: it has its answer.
void took_effect(Network& network, const Party& actor) {
  actor.device.heard_of_devices_at = network.now();
  network.keeper.touched();
}

// A group without an admin gets one: who has been there longest.
void keep_administered(Network& network, Group& group) {
  const bool has_admin = std::any_of(group.members.begin(), group.members.end(),
                                     [](const auto& one) { return one.rank != GroupMember::Rank::Member; });
  if (has_admin || group.members.empty()) return;
  GroupMember& heir = group.members.front();
  heir.rank = GroupMember::Rank::Admin;
  Account* account = network.directory.find_lid(heir.lid);
  const wa::Node change = change_node(group, MemberAction::Promote, {account});
  notify(network, accounts_of(network, group), group_notification(network, group, nullptr, change), nullptr);
}

}  // namespace

std::string_view to_string(MemberAction action) {
  switch (action) {
    case MemberAction::Add:
    case MemberAction::Admit: return "add";
    case MemberAction::Remove: return "remove";
    case MemberAction::Promote: return "promote";
    case MemberAction::Demote: return "demote";
  }
  return "";
}

CreatedGroup create_group(Network& network, const Party& creator, const GroupPlan& plan) {
  Group& group = network.groups.create(network.random);
  group.is_lid_addressed = plan.is_lid_addressed;
  group.creator_lid = group.subject_author_lid = creator.account.lid;
  group.created_at = group.subject_at = network.now();
  group.subject = plan.subject;
  group.is_announcement = plan.is_announcement;
  group.is_locked = plan.is_locked;
  group.may_all_add = plan.may_all_add;
  group.needs_approval = plan.needs_approval;
  group.ephemeral_s = plan.ephemeral_s;
  if (!plan.description.empty()) {
    group.description = {plan.description_id, plan.description, creator.account.lid, network.now()};
  }
  group.members.push_back({creator.account.lid, GroupMember::Rank::SuperAdmin});
  std::vector<MemberChange> changes;
  for (const wa::Jid& jid : plan.members) {
    Account* account = network.directory.find(jid);
    if (account == &creator.account) continue;
    changes.push_back({jid, account, account ? add_one(group, *account) : kNoSuchMember});
  }
  const wa::Node change = create_node(network, group, "type", "new");
  notify(network, accounts_of(network, group), group_notification(network, group, &creator, change), &creator.device);
  took_effect(network, creator);
  return {group, std::move(changes)};
}

std::vector<MemberChange> change_members(Network& network, Group& group, const Party& actor, MemberAction action,
                                         const std::vector<wa::Jid>& whom) {
  std::vector<Account*> before = accounts_of(network, group);
  std::vector<MemberChange> changes;
  std::vector<Account*> changed;
  for (const wa::Jid& jid : whom) {
    Account* account = network.directory.find(jid);
    const int error = account ? apply(group, *account, action) : kNoSuchMember;
    changes.push_back({jid, account, error});
    if (error == 0) changed.push_back(account);
  }
  if (changed.empty()) return changes;
  // Who was there hears of it, the removed included; who came gets the whole group.
  const wa::Node news = group_notification(network, group, &actor, change_node(group, action, changed));
  notify(network, before, news, &actor.device);
  if (action == MemberAction::Add || action == MemberAction::Admit) {
    const wa::Node whole = create_node(network, group, "reason", "invite");
    notify(network, changed, group_notification(network, group, &actor, whole), &actor.device);
  }
  took_effect(network, actor);
  return changes;
}

wa::Node result_node(Network& network, Group& group, const MemberChange& change) {
  wa::Node node = change.account ? participant_node(group, *change.account)
                                 : wa::Node("participant", {{"jid", change.asked.user_jid()}});
  node.erase("type");
  if (change.error == 0) node.set("type", "200");
  if (change.error == 0) return node;
  node.set_number("error", change.error);
  if (change.error == kRefusesGroups) node.add(invite_account(network, group, *change.account));
  return node;
}

void join_by_link(Network& network, Group& group, const Party& who) {
  const std::vector<Account*> before = accounts_of(network, group);
  admit_one(group, who.account);
  wa::Node change = change_node(group, MemberAction::Add, {&who.account});
  change.set("reason", "invite");
  notify(network, before, group_notification(network, group, nullptr, change), nullptr);
  const wa::Node whole = create_node(network, group, "reason", "invite");
  notify(network, {&who.account}, group_notification(network, group, nullptr, whole), &who.device);
  took_effect(network, who);
}

void leave_group(Network& network, Group& group, const Party& who) {
  const std::vector<Account*> before = accounts_of(network, group);
  const wa::Node change = change_node(group, MemberAction::Remove, {&who.account});
  std::erase_if(group.members, [&](const GroupMember& one) { return one.lid == who.account.lid; });
  notify(network, before, group_notification(network, group, &who, change), &who.device);
  keep_administered(network, group);
  took_effect(network, who);
  if (group.members.empty()) network.groups.erase(group.id);
}

void set_subject(Network& network, Group& group, const Party& actor, const std::string& subject) {
  group.subject = subject;
  group.subject_author_lid = actor.account.lid;
  group.subject_at = network.now();
  wa::Node change("subject", {{"subject", subject}, {"s_o", actor.account.jid(group.server())}});
  change.set_number("s_t", unix_seconds(group.subject_at));
  announce_change(network, group, actor, change);
}

void set_description(Network& network, Group& group, const Party& actor, const std::string& id,
                     const std::string& text) {
  wa::Node change("description", {{"id", id}});
  if (text.empty()) {
    group.description.reset();
    change.set("delete", "true");
  } else {
    group.description = {id, text, actor.account.lid, network.now()};
    change.add(wa::Node("body", {}, to_bytes(text)));
  }
  announce_change(network, group, actor, change);
}

void reset_invite(Network& network, Group& group, const Party& actor) {
  group.old_codes.insert(group.invite_code);
  group.invite_code = new_invite_code(network.random);
  announce_change(network, group, actor, wa::Node("invite", {{"code", group.invite_code}}));
}

void announce_change(Network& network, Group& group, const Party& actor, wa::Node change) {
  const wa::Node news = group_notification(network, group, &actor, std::move(change));
  notify(network, accounts_of(network, group), news, &actor.device);
  took_effect(network, actor);
}

}  // namespace konekwa::sandbox
