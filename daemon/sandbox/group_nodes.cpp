#include "daemon/sandbox/group_nodes.h"

namespace konekwa::sandbox {
namespace {

// Sets `name` to the account's address as the group names it, and its other address, as a phone number or LID, to
// `other_if_lid` or `other_if_pn`; "" leaves the latter out.
struct AddressNames {
  const char* name;
  const char* other_if_lid;
  const char* other_if_pn;
};

void set_address(wa::Node& node, const Group& group, const Account& account, const AddressNames& names) {
  node.set(names.name, account.jid(group.server()));
  const char* other = group.is_lid_addressed ? names.other_if_lid : names.other_if_pn;
  if (*other != '\0') node.set(other, group.is_lid_addressed ? account.pn_jid() : account.lid_jid());
}

void set_author(wa::Node& node, Network& network, const Group& group, const std::string& lid,
                const AddressNames& names) {
  if (const Account* account = network.directory.find_lid(lid)) set_address(node, group, *account, names);
}

wa::Node text_node(const char* tag, const std::string& text) { return wa::Node(tag, {}, to_bytes(text)); }

void add_settings(wa::Node& node, const Group& group) {
  if (group.is_locked) node.add(wa::Node("locked"));
  if (group.is_announcement) node.add(wa::Node("announcement"));
  if (group.ephemeral_s > 0) node.add(wa::Node("ephemeral", {{"expiration", std::to_string(group.ephemeral_s)}}));
  if (group.needs_approval) node.add(approval_node(group));
  node.add(text_node("member_add_mode", group.may_all_add ? "all_member_add" : "admin_add"));
}

}  // namespace

wa::Node approval_node(const Group& group) {
  const wa::Node join("group_join", {{"state", group.needs_approval ? "on" : "off"}});
  return wa::Node("membership_approval_mode", {}, wa::Node::Children{join});
}

wa::Node participant_node(const Group& group, const Account& account) {
  wa::Node node("participant");
  set_address(node, group, account, {"jid", "phone_number", "lid"});
  const GroupMember* member = group.member(account.lid);
  if (member && member->rank != GroupMember::Rank::Member) node.set("type", std::string(to_string(member->rank)));
  return node;
}

wa::Node group_summary_node(Network& network, const Group& group) {
  wa::Node node("group", {{"id", group.id}, {"subject", group.subject}});
  node.set_number("creation", unix_seconds(group.created_at));
  set_author(node, network, group, group.creator_lid, {"creator", "creator_pn", ""});
  set_author(node, network, group, group.subject_author_lid, {"s_o", "s_o_pn", ""});
  node.set_number("s_t", unix_seconds(group.subject_at));
  node.set_number("size", static_cast<std::int64_t>(group.members.size()));
  node.set("addressing_mode", group.is_lid_addressed ? "lid" : "pn");
  if (group.description) {
    wa::Node description("description", {{"id", group.description->id}});
    set_author(description, network, group, group.description->author_lid, {"participant", "participant_pn", ""});
    description.set_number("t", unix_seconds(group.description->at));
    description.add(text_node("body", group.description->text));
    node.add(description);
  }
  add_settings(node, group);
  return node;
}

wa::Node group_node(Network& network, const Group& group) {
  wa::Node node = group_summary_node(network, group);
  for (const Account* account : accounts_of(network, group)) node.add(participant_node(group, *account));
  return node;
}

std::vector<Account*> accounts_of(Network& network, const Group& group) {
  std::vector<Account*> accounts;
  for (const GroupMember& member : group.members) {
    if (Account* account = network.directory.find_lid(member.lid)) accounts.push_back(account);
  }
  return accounts;
}

wa::Node group_notification(Network& network, const Group& group, const Party* actor, wa::Node change) {
  wa::Node notification("notification", {{"from", group.jid()}, {"type", "w:gp2"}, {"id", network.new_id()}});
  notification.set_number("t", unix_seconds(network.now()));
  notification.set("addressing_mode", group.is_lid_addressed ? "lid" : "pn");
  if (actor) {
    set_address(notification, group, actor->account, {"participant", "participant_pn", "participant_lid"});
    if (!actor->account.push_name.empty()) notification.set("notify", actor->account.push_name);
  }
  notification.add(std::move(change));
  return notification;
}

void notify(Network& network, const std::vector<Account*>& accounts, const wa::Node& notification,
            const Device* acting) {
  for (Account* account : accounts) {
    for (auto& [id, device] : account->devices) {
      if (&device != acting) network.deliver(device, notification);
    }
  }
}

}  // namespace konekwa::sandbox
