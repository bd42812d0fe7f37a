#include "daemon/sandbox/presence.h"

#include "daemon/sandbox/companion.h"
#include "daemon/sandbox/group_router.h"
#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kSubscriptionsMax = 1'000;  // a client

}  // namespace

void Presence::on_presence(Network& network, Companion& client, const wa::Node& stanza) {
  Account& own = *client.account();
  if (stanza.has("name") && own.push_name != stanza.attr("name")) {
    own.push_name = stanza.attr("name");
    network.keeper.touched();
  }
  const std::string type = stanza.attr("type");
  if (type == "subscribe") {
    const auto to = stanza.jid("to");
    const Account* contact = to ? network.directory.find(*to) : nullptr;
    std::vector<Subscription>& list = subscriptions_[&client];
    if (!contact || list.size() >= kSubscriptionsMax) return;
    list.push_back({contact->lid, to->server});
    tell(network, *contact, client, to->server);
    return;
  }
  if (type == "unsubscribe") {
    const auto to = stanza.jid("to");
    const Account* contact = to ? network.directory.find(*to) : nullptr;
    if (contact) std::erase_if(subscriptions_[&client], [&](const auto& one) { return one.lid == contact->lid; });
    return;
  }
  const bool was_available = is_available(own);
  if (type == "unavailable") available_.erase(&client);
  if (type == "available") available_.insert(&client);
  if (is_available(own) != was_available) tell_subscribers(network, own);
}

void Presence::on_chatstate(Network& network, const Party& sender, const wa::Node& stanza) const {
  const auto to = stanza.jid("to");
  if (to && to->server == wa::Server::Group) return route_group_chatstate(network, sender, *to, stanza);
  Account* contact = to ? network.directory.find(*to) : nullptr;
  if (!contact) return;
  wa::Node out("chatstate", {{"from", sender.account.jid(to->server)}}, stanza.children());
  for (auto& [id, device] : contact->devices) {
    if (id == 0 || &device == &sender.device || !device.outlet) continue;
    static_cast<Companion*>(device.outlet)->send(out);
  }
}

void Presence::forget(Network& network, Companion& client) {
  subscriptions_.erase(&client);
  if (available_.erase(&client) == 0 || !client.account() || is_available(*client.account())) return;
  tell_subscribers(network, *client.account());
}

bool Presence::is_available(const Account& account) const {
  return std::any_of(available_.begin(), available_.end(),
                     [&](const Companion* one) { return one->account() == &account; });
}

void Presence::tell(Network& network, const Account& about, Companion& whom, wa::Server server) const {
  wa::Node presence("presence", {{"from", about.jid(server)}});
  if (!is_available(about)) {
    presence.set("type", "unavailable");
    presence.set_number("last", unix_seconds(network.now()));
  }
  whom.send(presence);
}

void Presence::tell_subscribers(Network& network, const Account& about) const {
  for (const auto& [client, list] : subscriptions_) {
    for (const Subscription& one : list) {
      if (one.lid == about.lid) tell(network, about, *client, one.server);
    }
  }
}

}  // namespace konekwa::sandbox
