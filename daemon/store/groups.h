// The groups of a session as WhatsApp described them last, who holds our sender key in each, and the receipts of what
// was sent to one. Addresses are text forms of Jids: this folder does not know the protocol.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct GroupMemberRow {
  std::string jid, alternate;           // alternate: the other address of the same account, or ""
  std::string role;                     // "member", "admin", "superadmin"

  bool operator==(const GroupMemberRow&) const = default;
};

struct GroupRow {
  std::string session, jid;
  std::string subject, description, description_id;
  std::string owner, owner_alternate, community;    // or ""
  bool uses_lids = false, is_announcement = false, is_locked = false, needs_approval = false, members_may_add = false;
  bool is_community = false, is_community_announcement = false, is_suspended = false;
  std::uint32_t ephemeral_s = 0;
  std::int64_t size = 0;
  std::optional<Time> created_at, subject_at;
  std::optional<Time> fetched_at;       // nothing: has to be asked for again
  std::vector<GroupMemberRow> members;  // in the server's order

  bool operator==(const GroupRow&) const = default;
};

namespace groups {

void put(Database& db, const GroupRow& row);                                   // inserts or replaces, members too
std::optional<GroupRow> find(Database& db, const std::string& session, const std::string& jid);
std::vector<GroupRow> list(Database& db, const std::string& session);          // by subject; without members
void set_stale(Database& db, const std::string& session, const std::string& jid);
void erase(Database& db, const std::string& session, const std::string& jid);  // also who holds our key in it
void erase_others(Database& db, const std::string& session, const std::vector<std::string>& kept);

// Devices that have our present sender key of a group.
std::set<std::string> key_holders(Database& db, const std::string& session, const std::string& group);
void set_key_holders(Database& db, const std::string& session, const std::string& group,
                     const std::set<std::string>& devices);
void forget_key_holder(Database& db, const std::string& session, const std::string& device);   // in every group

}  // namespace groups

// Receipts of messages to groups, counted in their rows. The first of its kind is what moves the message's own status.
namespace message_receipts {

void set_audience(Database& db, const std::string& session, const std::string& wa_message_id, std::int64_t people);
// Once for each reader; reading implies that it was delivered. False when it was known.
bool add_delivered(Database& db, std::int64_t message, const std::string& reader, Time at);
bool add_read(Database& db, std::int64_t message, const std::string& reader, Time at);

}  // namespace message_receipts
}  // namespace konekwa::store
