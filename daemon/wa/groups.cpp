#include "daemon/wa/groups.h"

#include "daemon/wa/keys.h"
#include "daemon/wa/proto_bytes.h"
#include "daemon/wa/stanzas.h"
#include "daemon/wa/utf8.h"

#include "proto/e2e.pb.h"

#include <algorithm>

namespace konekwa::wa {
namespace {

using Kind = GroupChange::Kind;
using Role = GroupMember::Role;

constexpr std::size_t kGroupsMax = 10'000;          // what the server answers to one batch
constexpr std::size_t kMembersMax = 10'000;         // 1025 today, 5000 in an announcement group
constexpr std::int64_t kEphemeralMax = 366 * 24 * 3600;
constexpr std::size_t kHashedOctets = 6;

Node iq_of_groups(const std::string& id, const Jid& to) {
  Node iq("iq");
  iq.set("id", id).set("to", to).set("type", "get").set("xmlns", "w:g2");
  return iq;
}

std::string checked(std::string text) { return is_utf8(text) ? std::move(text) : std::string(); }

std::string text_of(const Node* node) { return node ? checked(node->text()) : std::string(); }

std::optional<Jid> user_attr(const Node& node, std::string_view key) {
  const auto jid = node.jid(key);
  return jid && jid->is_person() ? std::optional(jid->user_jid()) : std::nullopt;
}

std::optional<Time> time_attr(const Node& node, const char* key) {
  Node stamp("t");
  stamp.set("t", node.attr(key));
  return stanza_time(stamp);
}

// The server leaves "@g.us" out of the ids of groups, other writers do not.
std::optional<Jid> group_id(const Node& node, std::string_view key) {
  const std::string text = node.attr(key);
  const auto jid = Jid::parse(text.find('@') == std::string::npos ? text + "@g.us" : text);
  const bool is_group = jid && jid->server == Server::Group && !jid->user.empty() && jid->device == 0;
  return is_group ? jid : std::nullopt;
}

Role role_of(const Node& participant) {
  const std::string type = participant.attr("type");
  if (type == "superadmin") return Role::SuperAdmin;
  return type == "admin" ? Role::Admin : Role::Member;
}

std::vector<GroupMember> members_of(const Node& parent) {
  std::vector<GroupMember> members;
  for (const Node* participant : parent.children("participant")) {
    const auto jid = user_attr(*participant, "jid");
    const std::string error = participant->attr("error");
    const bool was_refused = !error.empty() && error != "200";
    if (!jid || was_refused || members.size() == kMembersMax) continue;
    GroupMember member{*jid, std::nullopt, role_of(*participant)};
    const bool is_lid = jid->server == Server::Lid;
    const auto alternate = user_attr(*participant, is_lid ? "phone_number" : "lid");
    if (alternate && alternate->server == (is_lid ? Server::Pn : Server::Lid)) member.alternate = alternate;
    members.push_back(std::move(member));
  }
  return members;
}

std::uint32_t expiration_of(const Node* ephemeral) {
  if (!ephemeral) return 0;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ephemeral->number("expiration").value_or(0), 0,
                                                             kEphemeralMax));
}

bool is_state_on(const Node* approval) {
  const Node* join = approval ? approval->child("group_join") : nullptr;
  return join && join->attr("state") == "on";
}

void read_settings(const Node& node, Group& group) {
  group.is_announcement = node.child("announcement") != nullptr;
  group.is_locked = node.child("locked") != nullptr;
  group.needs_approval = is_state_on(node.child("membership_approval_mode"));
  group.members_may_add = text_of(node.child("member_add_mode")) == "all_member_add";
  group.is_community = node.child("parent") != nullptr;
  group.is_community_announcement = node.child("default_sub_group") != nullptr;
  group.is_suspended = node.child("suspended") != nullptr;
  if (const Node* parent = node.child("linked_parent")) group.community = group_id(*parent, "jid");
  group.ephemeral_s = expiration_of(node.child("ephemeral"));
}

std::optional<Group> parse_group(const Node& node) {
  const auto jid = group_id(node, "id");
  if (!jid) return std::nullopt;
  Group group;
  group.jid = *jid;
  group.subject = checked(node.attr("subject"));
  group.subject_at = time_attr(node, "s_t");
  group.created_at = time_attr(node, "creation");
  group.owner = user_attr(node, "creator");
  group.owner_alternate = user_attr(node, "creator_pn");
  group.uses_lids = node.attr("addressing_mode") == "lid";
  if (const Node* description = node.child("description")) {
    group.description = text_of(description->child("body"));
    group.description_id = checked(description->attr("id"));
  }
  group.members = members_of(node);
  group.size = std::max<std::int64_t>(node.number("size").value_or(0), static_cast<std::int64_t>(group.members.size()));
  read_settings(node, group);
  return group;
}

struct Known {
  const char* tag;
  Kind kind;
  bool is_on;
};
constexpr Known kKnown[] = {
    {"create", Kind::Created, false},
    {"add", Kind::Added, false},
    {"remove", Kind::Removed, false},
    {"leave", Kind::Removed, false},
    {"promote", Kind::Promoted, false},
    {"demote", Kind::Demoted, false},
    {"subject", Kind::Subject, false},
    {"description", Kind::Description, false},
    {"announcement", Kind::Announcement, true},
    {"not_announcement", Kind::Announcement, false},
    {"locked", Kind::Locked, true},
    {"unlocked", Kind::Locked, false},
    {"ephemeral", Kind::Ephemeral, false},
    {"not_ephemeral", Kind::Ephemeral, false},
    {"membership_approval_mode", Kind::Approval, false},
    {"member_add_mode", Kind::MembersMayAdd, false},
    {"suspended", Kind::Suspended, true},
    {"unsuspended", Kind::Suspended, false},
    {"delete", Kind::Deleted, false},
    {"invite", Kind::Harmless, false},
    {"revoke", Kind::Harmless, false},
    {"membership_approval_request", Kind::Harmless, false},
    {"created_membership_requests", Kind::Harmless, false},
    {"revoked_membership_requests", Kind::Harmless, false},
    {"no_frequently_forwarded", Kind::Harmless, false},
    {"frequently_forwarded_ok", Kind::Harmless, false},
    {"member_link_mode", Kind::Harmless, false},
    {"allow_admin_reports", Kind::Harmless, false},
    {"not_allow_admin_reports", Kind::Harmless, false},
    {"growth_locked", Kind::Harmless, false},
    {"growth_unlocked", Kind::Harmless, false},
    {"missing_participant_identification", Kind::Harmless, false},
};

GroupChange parse_change(const Node& child) {
  GroupChange change;
  change.tag = child.tag;
  for (const Known& known : kKnown) {
    if (child.tag != known.tag) continue;
    change.kind = known.kind;
    change.is_on = known.is_on;
  }
  change.members = members_of(child);
  if (child.tag == "create") {
    const Node* group = child.child("group");
    change.group = group ? parse_group(*group) : std::nullopt;
    if (!change.group) change.kind = Kind::Unknown;
  }
  if (child.tag == "subject") change.text = checked(child.attr("subject"));
  if (child.tag == "description") {
    change.text = text_of(child.child("body"));
    change.id = checked(child.attr("id"));
  }
  if (child.tag == "ephemeral") change.seconds = expiration_of(&child);
  if (child.tag == "membership_approval_mode") change.is_on = is_state_on(&child);
  if (child.tag == "member_add_mode") change.is_on = child.text() == "all_member_add";
  return change;
}

void add_members(const std::vector<GroupMember>& added, Group& group) {
  for (const GroupMember& member : added) {
    if (group.member(member.jid) || group.members.size() == kMembersMax) continue;
    group.members.push_back(member);
    ++group.size;
  }
}

void remove_members(const std::vector<GroupMember>& removed, Group& group) {
  for (const GroupMember& gone : removed) {
    const GroupMember* member = group.member(gone.jid);
    if (!member && gone.alternate) member = group.member(*gone.alternate);
    if (!member) continue;
    group.members.erase(group.members.begin() + (member - group.members.data()));
    --group.size;
  }
}

void set_role(const std::vector<GroupMember>& changed, Role role, Group& group) {
  for (const GroupMember& other : changed) {
    GroupMember* member = group.member(other.jid);
    if (!member && other.alternate) member = group.member(*other.alternate);
    if (member) member->role = role;
  }
}

}  // namespace

GroupMember* Group::member(const Jid& user) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const GroupMember& member) {
    return member.jid.is_same_user(user) || (member.alternate && member.alternate->is_same_user(user));
  });
  return found == members.end() ? nullptr : &*found;
}

Node group_iq(const std::string& id, const Jid& group) {
  Node query("query");
  query.set("request", "interactive");
  Node iq = iq_of_groups(id, group);
  iq.add(std::move(query));
  return iq;
}

Node participating_groups_iq(const std::string& id) {
  Node participating("participating");
  participating.add(Node("participants")).add(Node("description"));
  Node iq = iq_of_groups(id, Jid{"", Server::Group, 0});
  iq.add(std::move(participating));
  return iq;
}

Result<Group> parse_group_answer(const Node& iq) {
  const Node* node = iq.child("group");
  auto group = node ? parse_group(*node) : std::nullopt;
  if (!group) return fail(ErrorCode::PROTOCOL, "an answer about a group without <group>");
  return std::move(*group);
}

Result<std::vector<Group>> parse_groups_answer(const Node& iq) {
  const Node* list = iq.child("groups");
  if (!list) return fail(ErrorCode::PROTOCOL, "an answer about groups without <groups>");
  std::vector<Group> groups;
  for (const Node* node : list->children("group")) {
    auto group = parse_group(*node);
    if (group && groups.size() < kGroupsMax) groups.push_back(std::move(*group));
  }
  return groups;
}

std::optional<GroupNotification> parse_group_notification(const Node& notification) {
  const auto from = notification.jid("from");
  const bool is_group = from && from->server == Server::Group && !from->user.empty();
  if (notification.attr("type") != "w:gp2" || !is_group) return std::nullopt;
  GroupNotification result;
  result.group = from->user_jid();
  result.author = user_attr(notification, "participant");
  const bool is_lid = result.author && result.author->server == Server::Lid;
  result.author_alternate = user_attr(notification, is_lid ? "participant_pn" : "participant_lid");
  for (const Node& child : notification.children()) result.changes.push_back(parse_change(child));
  return result;
}

void apply(const GroupChange& change, Group& group) {
  switch (change.kind) {
    case Kind::Added: return add_members(change.members, group);
    case Kind::Removed: return remove_members(change.members, group);
    case Kind::Promoted: return set_role(change.members, Role::Admin, group);
    case Kind::Demoted: return set_role(change.members, Role::Member, group);
    case Kind::Subject: group.subject = change.text; return;
    case Kind::Description:
      group.description = change.text;
      group.description_id = change.id;
      return;
    case Kind::Announcement: group.is_announcement = change.is_on; return;
    case Kind::Locked: group.is_locked = change.is_on; return;
    case Kind::Approval: group.needs_approval = change.is_on; return;
    case Kind::MembersMayAdd: group.members_may_add = change.is_on; return;
    case Kind::Suspended: group.is_suspended = change.is_on; return;
    case Kind::Ephemeral: group.ephemeral_s = change.seconds; return;
    case Kind::Created:
    case Kind::Deleted:
    case Kind::Harmless:
    case Kind::Unknown: return;
  }
}

std::optional<GroupReaders> parse_group_readers(const Node& receipt) {
  const Node* people = receipt.child("participants");
  if (!people || people->attr("key").empty()) return std::nullopt;
  GroupReaders out{people->attr("key"), {}};
  for (const Node* user : people->children("user")) {
    if (const auto jid = user_attr(*user, "jid")) out.readers.push_back({*jid, stanza_time(*user)});
  }
  return out;
}

Bytes encode_key_distribution(const Jid& group, ByteView distribution) {
  proto::Message message;
  auto& key = *message.mutable_sender_key_distribution_message();
  key.set_group_id(to_string(group));
  key.set_axolotl_sender_key_distribution_message(field(distribution));
  return serialize(message);
}

std::string participant_hash(const std::vector<Jid>& devices) {
  std::vector<std::string> names;
  names.reserve(devices.size());
  for (const Jid& device : devices) {
    names.push_back(device.user + ".0:" + std::to_string(device.device) + "@" + std::string(to_string(device.server)));
  }
  std::sort(names.begin(), names.end());
  std::string all;
  for (const std::string& name : names) all += name;
  return "2:" + to_base64(ByteView(sha256(as_bytes(all))).first(kHashedOctets));
}

}  // namespace konekwa::wa
