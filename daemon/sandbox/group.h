// The groups of the simulated network. Plain data, kept in the state file, and the ways to find it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/random.h"
#include "common/time.h"
#include "daemon/wa/jid.h"

namespace konekwa::sandbox {

struct GroupMember {
  enum class Rank : std::uint8_t { Member, Admin, SuperAdmin };
  std::string lid;                     // digits
  Rank rank = Rank::Member;
};

struct Group {
  struct Description {
    std::string id, text;              // the id of the change that made it: the next one names it as prev
    std::string author_lid;
    Time at{};
  };

  struct Invitation {
    std::string code;
    Time expires_at{};
  };

  std::string id;                      // digits; the address is id@g.us
  bool is_lid_addressed = true;        // how members are named in stanzas: addressing_mode lid, else pn
  std::string creator_lid;
  Time created_at{};
  std::string subject, subject_author_lid;
  Time subject_at{};
  std::optional<Description> description;
  bool is_announcement = false;        // only admins write
  bool is_locked = false;              // only admins change subject, description and timer
  bool may_all_add = true;             // member_add_mode
  bool needs_approval = false;         // who comes by the link waits for an admin
  std::uint32_t ephemeral_s = 0;       // 0: off
  std::string invite_code;
  std::set<std::string> old_codes;     // that were reset
  std::map<std::string, Time> requests;               // by LID: who waits for an admin, since when
  std::map<std::string, Invitation> invitations;      // by LID: who could not be added, and may come
  std::vector<GroupMember> members;    // in the order of joining
  std::set<std::string> removed_lids;  // by an admin: they may not come back by the link

  wa::Jid jid() const { return {id, wa::Server::Group, 0}; }
  wa::Server server() const { return is_lid_addressed ? wa::Server::Lid : wa::Server::Pn; }
  GroupMember* member(const std::string& lid);
  const GroupMember* member(const std::string& lid) const;
  bool has(const std::string& lid) const { return member(lid) != nullptr; }
  bool has_admin(const std::string& lid) const;
};

inline constexpr std::size_t kGroupMembersMax = 1'025;
inline constexpr std::size_t kGroupSubjectMax = 100;           // characters
inline constexpr std::size_t kGroupDescriptionMax = 2'048;

class Groups {
 public:
  Group& create(Random& random);       // a fresh id and invite code
  void insert(Group group);
  void erase(const std::string& id);
  Group* find(const wa::Jid& jid);
  Group* find_code(const std::string& invite_code);       // of the present codes
  bool is_old_code(const std::string& invite_code) const;
  const std::map<std::string, std::unique_ptr<Group>>& all() const { return by_id_; }

 private:
  std::map<std::string, std::unique_ptr<Group>> by_id_;
};

std::string new_invite_code(Random& random);
std::string_view to_string(GroupMember::Rank rank);        // "", "admin", "superadmin", as on the wire

}  // namespace konekwa::sandbox
