// What the server says of groups: metadata, notifications, and who hears them.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

// <participant jid [phone_number|lid] [type]>: named in the way of the group; type only when it is a member's rank.
wa::Node approval_node(const Group& group);            // <membership_approval_mode>
wa::Node participant_node(const Group& group, const Account& account);
wa::Node group_node(Network& network, const Group& group);        // <group>, complete
wa::Node group_summary_node(Network& network, const Group& group);  // for who has only the link: without members

std::vector<Account*> accounts_of(Network& network, const Group& group);

// <notification type="w:gp2">. `actor`: nobody when somebody joined by the link.
wa::Node group_notification(Network& network, const Group& group, const Party* actor, wa::Node change);
// To all devices of these accounts but `acting`, which has its answer.
void notify(Network& network, const std::vector<Account*>& accounts, const wa::Node& notification,
            const Device* acting);

}  // namespace konekwa::sandbox
