// Groups: asking the server who is in one, reading its answer and its notifications, and
// the hash of a participant list. xmlns w:g2. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/bytes.h"
#include "common/error.h"
#include "common/time.h"
#include "daemon/wa/node.h"

namespace konekwa::wa {

struct GroupMember {
  enum class Role : std::uint8_t { Member, Admin, SuperAdmin };
  Jid jid;                                   // as the group names it: a LID or a phone number
  std::optional<Jid> alternate;              // the other address of the same account, when it is told
  Role role = Role::Member;

  bool operator==(const GroupMember&) const = default;
};

struct Group {
  Jid jid;
  std::string subject, description, description_id;
  std::optional<Jid> owner, owner_alternate;
  std::optional<Time> created_at, subject_at;
  std::vector<GroupMember> members;
  bool uses_lids = false;                    // addressing_mode: how stanzas of the group name people
  bool is_announcement = false;              // only admins may send
  bool is_locked = false;                    // only admins may edit the group's info
  bool needs_approval = false;               // of an admin, to join
  bool members_may_add = false;
  bool is_community = false;                 // a parent of groups; nobody chats in it
  bool is_community_announcement = false;    // the community's group for announcements
  bool is_suspended = false;                 // by WhatsApp
  std::optional<Jid> community;              // the parent of this one
  std::uint32_t ephemeral_s = 0;             // messages disappear after; 0: they stay
  std::int64_t size = 0;                     // of its members, as the server says; at least those that are listed

  GroupMember* member(const Jid& user);      // by either address; null: not one of them
  const GroupMember* member(const Jid& user) const { return const_cast<Group*>(this)->member(user); }
  bool operator==(const Group&) const = default;
};

// Requests; `id` is the iq's.
Node group_iq(const std::string& id, const Jid& group);
Node participating_groups_iq(const std::string& id);                        // all that the account is in

// Answers: iqs of type result. PROTOCOL without a usable <group>.
Result<Group> parse_group_answer(const Node& iq);
Result<std::vector<Group>> parse_groups_answer(const Node& iq);             // groups without an id are left out

// <notification type="w:gp2">. Each child is a change of its own.
struct GroupChange {
  enum class Kind : std::uint8_t {
    Created,                                 // or we were added; `group` is all of it
    Added, Removed, Promoted, Demoted,       // `members`
    Subject,                                 // `text`
    Description,                             // `text` ("": taken away) and `id`
    Announcement, Locked, Approval, MembersMayAdd, Suspended,               // `is_on`
    Ephemeral,                               // `seconds`
    Deleted,
    Harmless,                                // changes nothing that Group holds: invite links, requests to join
    Unknown                                  // the group has to be asked for again
  };
  Kind kind = Kind::Unknown;
  std::string tag;                           // of the child
  std::optional<Group> group;
  std::vector<GroupMember> members;
  std::string text, id;
  bool is_on = false;
  std::uint32_t seconds = 0;
};
struct GroupNotification {
  Jid group;
  std::optional<Jid> author, author_alternate;   // absent when somebody joined by a link
  std::vector<GroupChange> changes;
};
std::optional<GroupNotification> parse_group_notification(const Node& notification);

// Makes `group` what it is after the change. Created, Deleted and Unknown are for the caller: they do nothing here.
void apply(const GroupChange& change, Group& group);

// A receipt of several people at once: <participants key=MESSAGE><user jid t/>. Nothing when it is none of these.
struct GroupReaders {
  struct Reader {
    Jid jid;
    std::optional<Time> at;
  };
  std::string message_id;
  std::vector<Reader> readers;
};
std::optional<GroupReaders> parse_group_readers(const Node& receipt);

// Message{senderKeyDistributionMessage}: what a device gets that cannot read our sender key yet. Appended to another
// serialized Message it is part of that one.
Bytes encode_key_distribution(const Jid& group, ByteView distribution);

// "2:" and 8 characters, over devices as they are addressed in the group, our own among them.
std::string participant_hash(const std::vector<Jid>& devices);

}  // namespace konekwa::wa
