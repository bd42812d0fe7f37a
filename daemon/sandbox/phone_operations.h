// What the owner of an account does with it, by phone number: for the admin API and for tests.
#pragma once

#include "daemon/sandbox/network.h"
#include "daemon/sandbox/saying.h"

namespace konekwa::sandbox {

// NOT_FOUND when there is no such account.
Result<Account*> account_at(Network& network, const std::string& number);
// INVALID_REQUEST: not a phone number; CONFLICT: taken. "" makes one up.
Result<Account*> open_account(Network& network, const std::string& push_name, const std::string& number);
Result<Group*> group_at(Network& network, const std::string& id);  // with or without "@g.us"; NOT_FOUND
// `to`: a number, or the address of a group. CONFLICT: the account may not write there. In groups phones say text only.
Result<std::string> say(Network& network, const std::string& from, const std::string& to, const Saying& saying);
Result<> read(Network& network, const std::string& number, const std::string& message_id);
Result<> set_phone_online(Network& network, const std::string& number, bool online);
Result<> corrupt_ratchet(Network& network, const std::string& number, const std::string& peer);
Result<> unlink(Network& network, const std::string& number, std::uint16_t device);

}  // namespace konekwa::sandbox
