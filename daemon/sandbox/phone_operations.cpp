#include "daemon/sandbox/phone_operations.h"

#include "daemon/sandbox/device_changes.h"
#include "daemon/sandbox/phone.h"

namespace konekwa::sandbox {

Result<Account*> account_at(Network& network, const std::string& number) {
  Account* account = network.directory.find_number(number);
  if (!account) return fail(ErrorCode::NOT_FOUND, "there is no account " + number);
  return account;
}

Result<Account*> open_account(Network& network, const std::string& push_name, const std::string& number) {
  if (!number.empty() && !is_phone_number(number)) {
    return fail(ErrorCode::INVALID_REQUEST, "phone_number: 8 to 15 digits and no leading 0");
  }
  if (network.directory.find_number(number)) return fail(ErrorCode::CONFLICT, "there is an account " + number);
  const std::string chosen = number.empty() ? network.directory.free_number(push_name, network.random) : number;
  return &network.create_account(chosen, push_name);
}

Result<Group*> group_at(Network& network, const std::string& id) {
  Group* group = network.groups.find({id.substr(0, id.find('@')), wa::Server::Group, 0});
  if (!group) return fail(ErrorCode::NOT_FOUND, "there is no group " + id);
  return group;
}

Result<std::string> say(Network& network, const std::string& from, const std::string& to, const Saying& saying) {
  const auto sender = account_at(network, from);
  if (!sender) return fail(sender.error());
  if (to.ends_with("@g.us")) {
    const auto group = group_at(network, to);
    if (!group) return fail(group.error());
    if (saying.kind != "text") return fail(ErrorCode::INVALID_REQUEST, "kind: in groups phones say text only");
    return network.phone_of(**sender).say_in_group(**group, saying.text);
  }
  const auto recipient = account_at(network, to);
  if (!recipient) return fail(recipient.error());
  return network.phone_of(**sender).say(**recipient, saying);
}

Result<> read(Network& network, const std::string& number, const std::string& message_id) {
  const auto account = account_at(network, number);
  if (!account) return fail(account.error());
  return network.phone_of(**account).read(message_id);
}

Result<> set_phone_online(Network& network, const std::string& number, bool online) {
  const auto account = account_at(network, number);
  if (!account) return fail(account.error());
  network.phone_of(**account).set_online(online);
  return {};
}

Result<> corrupt_ratchet(Network& network, const std::string& number, const std::string& peer) {
  const auto account = account_at(network, number);
  if (!account) return fail(account.error());
  const auto other = account_at(network, peer);
  if (!other) return fail(other.error());
  network.phone_of(**account).corrupt(**other);
  return {};
}

Result<> unlink(Network& network, const std::string& number, std::uint16_t device) {
  const auto account = account_at(network, number);
  if (!account) return fail(account.error());
  if (!unlink_device(network, **account, device)) {
    return fail(ErrorCode::NOT_FOUND, fmt::format("{} has no linked device {}", number, device));
  }
  return {};
}

}  // namespace konekwa::sandbox
