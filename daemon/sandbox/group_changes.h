// What is done to groups, by iqs of clients and by the admin API: the change itself and the news of it for the members.
// Whether the actor may do it is judged before.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

enum class MemberAction : std::uint8_t { Add, Admit, Remove, Promote, Demote };  // Admit: who has asked to come
std::string_view to_string(MemberAction action);

// What became of one person that was asked for.
struct MemberChange {
  wa::Jid asked;
  Account* account = nullptr;     // nobody: 404
  int error = 0;                  // 403 refuses groups, 404 nobody or no member, 406 the creator, 409 is so already,
                                  // 419 the group is full
};

struct GroupPlan {
  std::string subject;
  std::vector<wa::Jid> members;
  bool is_lid_addressed = true;
  bool is_announcement = false, is_locked = false, may_all_add = true, needs_approval = false;
  std::uint32_t ephemeral_s = 0;
  std::string description, description_id;
};

struct CreatedGroup {
  Group& group;
  std::vector<MemberChange> members;
};
CreatedGroup create_group(Network& network, const Party& creator, const GroupPlan& plan);
std::vector<MemberChange> change_members(Network& network, Group& group, const Party& actor, MemberAction action,
                                         const std::vector<wa::Jid>& whom);
// The <participant> that answers for one of them; whoever refuses groups is invited instead.
wa::Node result_node(Network& network, Group& group, const MemberChange& change);

void join_by_link(Network& network, Group& group, const Party& who);
void leave_group(Network& network, Group& group, const Party& who);  // the last one's leaving ends the group

void set_subject(Network& network, Group& group, const Party& actor, const std::string& subject);
// `id` names the change; an empty text takes the description away.
void set_description(Network& network, Group& group, const Party& actor, const std::string& id,
                     const std::string& text);
void reset_invite(Network& network, Group& group, const Party& actor);
// A change of a setting that is in `group` already: tells the others.
void announce_change(Network& network, Group& group, const Party& actor, wa::Node change);

}  // namespace konekwa::sandbox
