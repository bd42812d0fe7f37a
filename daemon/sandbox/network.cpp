#include "daemon/sandbox/network.h"

#include "daemon/sandbox/group_changes.h"
#include "daemon/sandbox/phone.h"

namespace konekwa::sandbox {

Network::Network(Loop& l, Random& r, Options o)
    : loop(l),
      random(r),
      options(std::move(o)),
      root(wa::generate_key_pair(random)),
      server_key(wa::generate_key_pair(random)),
      token_secret(random.array<32>()),
      media(loop, random, faults, options.media_base),
      keeper(*this),
      clients(*this) {
  keeper.load();
  identity = wa::issue_server_identity(root, server_key, now(), random);
  for (const auto& [number, account] : directory.all()) phones[number] = std::make_unique<Phone>(*this, *account);
}

Network::~Network() = default;

std::string Network::new_id() { return to_hex(random.bytes(8)); }

Account& Network::create_account(const std::string& number, const std::string& push_name) {
  Account& account = directory.create(number, push_name, random);
  account.devices.at(0).linked_at = now();
  phones[number] = std::make_unique<Phone>(*this, account);
  if (!newcomers_group.empty()) {
    GroupPlan plan;
    plan.subject = newcomers_group;
    create_group(*this, {account, account.devices.at(0)}, plan);
  }
  keeper.touched();
  return account;
}

Phone& Network::phone_of(const Account& account) { return *phones.at(account.number); }

void Network::deliver(Device& device, wa::Node stanza) {
  device.mailbox.push(std::move(stanza));
  keeper.touched();
  if (device.outlet) device.outlet->on_mail();
}

void Network::blame(const Party& who, std::string kind, std::string text) {
  violations.add(now(), std::move(kind), to_string(who.account.pn_jid(who.device.id)), std::move(text));
}

}  // namespace konekwa::sandbox
