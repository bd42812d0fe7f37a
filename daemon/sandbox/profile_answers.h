// What accounts show of themselves, asked and changed by clients: picture (also of groups), about text, the default
// timer of new chats. Contacts and the account's other devices hear of changes.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

wa::Node answer_picture_query(Network& network, const Party& who, const wa::Node& iq);
wa::Node answer_picture_change(Network& network, const Party& who, const wa::Node& iq);
wa::Node answer_about_change(Network& network, const Party& who, const wa::Node& iq);
wa::Node answer_timer_query(Network& network, const Party& who, const wa::Node& iq);
wa::Node answer_timer_change(Network& network, const Party& who, const wa::Node& iq);

wa::Node timer_node(const Account& account);         // <disappearing_mode>

// The same as done on the phone: `who` is it.
void change_picture(Network& network, const Party& who, Group* group, ByteView jpeg);  // of the group; empty: none
void change_about(Network& network, const Party& who, const std::string& text);

}  // namespace konekwa::sandbox
