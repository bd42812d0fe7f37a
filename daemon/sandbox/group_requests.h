// Two other ways into a group: a link into one whose admins approve each member, and an invitation to one person whose
// privacy settings kept an admin from adding them.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

inline constexpr Duration kInvitationLifetime = seconds(3 * 24 * 60 * 60);
inline constexpr std::size_t kGroupRequestsMax = 1'000;
inline constexpr std::size_t kGroupInvitationsMax = 1'000;

void set_approval(Network& network, Group& group, const Party& actor, bool is_on);
bool ask_to_join(Network& network, Group& group, const Party& who);       // false: too many wait
bool withdraw_request(Network& network, Group& group, const Party& who);  // false: there is none
// What became of each: 0, or 404 when there is no request.
struct Verdict {
  wa::Jid asked;
  Account* account = nullptr;
  int error = 0;
};
std::vector<Verdict> settle_requests(Network& network, Group& group, const Party& actor, bool is_approval,
                                     const std::vector<wa::Jid>& whom);

// Remembers an invitation; its <add_request>.
wa::Node invite_account(Network& network, Group& group, const Account& account);
bool accept_invitation(Network& network, Group& group, const Party& who, const std::string& code);  // false: none, over
void revoke_invitation(Network& network, Group& group, const wa::Jid& whom);

}  // namespace konekwa::sandbox
