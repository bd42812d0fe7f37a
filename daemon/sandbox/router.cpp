#include "daemon/sandbox/router.h"

#include "daemon/sandbox/checks.h"
#include "daemon/sandbox/group_router.h"
#include "daemon/sandbox/privacy_tokens.h"
#include "daemon/sandbox/targets.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {
namespace {

constexpr int kUnknownRecipient = 404;
constexpr int kMalformed = 479;
constexpr int kNotImplemented = 501;

bool is_peer(const wa::Node& message) { return message.attr("category") == "peer"; }

// A message that was encrypted again for one device that asked for it.
bool is_resend(const wa::Node& message) {
  if (message.attr("device_fanout") == "false") return true;
  const wa::Node* enc = message.child("enc");
  const wa::Node* participants = message.child("participants");
  if (!enc && participants && participants->first_child()) enc = participants->first_child()->child("enc");
  return enc && enc->has("count");
}

// The targets that the stanza names, each device once: clients repeat device 0 in chats with themselves. A bare <enc>
// is for the device in `to`. A resend may carry it besides <participants>: it goes first, and alone.
std::vector<Target> named_targets(Network& network, const wa::Node& message) {
  std::vector<Target> targets;
  if (const wa::Node* bare = message.child("enc")) add_target(network, targets, message.jid("to").value(), bare);
  add_participants(network, targets, message);
  return targets;
}

wa::Server server_of(const wa::Jid& address) {
  return address.server == wa::Server::Lid ? wa::Server::Lid : wa::Server::Pn;
}

// What one device gets: its own ciphertext, and addresses of the kind that the sender used for it.
wa::Node delivered(Network& network, const Party& sender, const Account& chat, const Target& target,
                   const wa::Node& message) {
  const wa::Server server = server_of(target.address);
  const wa::Server other = server == wa::Server::Lid ? wa::Server::Pn : wa::Server::Lid;
  wa::Node out("message", {{"from", sender.account.jid(server, sender.device.id)}});
  for (const char* name : {"id", "type", "edit", "category", "push_priority"}) {
    if (message.has(name)) out.set(name, message.attr(name));
  }
  out.set_number("t", unix_seconds(network.now()));
  if (!sender.account.push_name.empty()) out.set("notify", sender.account.push_name);
  const char* suffix = other == wa::Server::Lid ? "lid" : "pn";
  if (&target.to.account == &sender.account && !is_peer(message)) {
    // Nothing about the sender here: Baileys takes sender_lid and sender_pn for another address of the chat.
    out.set("recipient", chat.jid(server));
    out.set(std::string("peer_recipient_") + suffix, chat.jid(other));
  } else {
    out.set(std::string("sender_") + suffix, sender.account.jid(other));
  }
  out.add(*target.enc);
  for (const char* name : {"device-identity", "meta", "biz", "reporting"}) {
    if (const wa::Node* child = message.child(name)) out.add(*child);
  }
  return out;
}

void check_fan_out(Network& network, const Party& sender, Account& chat, const std::vector<Target>& targets,
                   const wa::Node& message) {
  const auto is_named = [&](const Device& device) {
    return std::any_of(targets.begin(), targets.end(),
                       [&](const Target& target) { return &target.to.device == &device; });
  };
  std::vector<Account*> accounts = {&sender.account};
  if (&chat != &sender.account) accounts.push_back(&chat);
  for (Account* account : accounts) {
    for (const auto& [id, device] : account->devices) {
      if (&device == &sender.device || is_named(device)) continue;
      if (device.linked_at + kDeviceListGrace > network.now() || is_list_unsettled(network, sender.device)) continue;
      network.blame(sender, "fan-out", fmt::format("message {} to {} is not encrypted for {}", message.attr("id"),
                                                   chat.number, to_string(account->pn_jid(id))));
    }
  }
  for (const Target& target : targets) {
    if (&target.to.account == &chat || &target.to.account == &sender.account) continue;
    network.blame(sender, "fan-out", fmt::format("message {} to {} is also encrypted for {}", message.attr("id"),
                                                 chat.number, to_string(target.address)));
  }
}

void deliver_targets(Network& network, const Party& sender, const Account& chat, const std::vector<Target>& targets,
                     const wa::Node& message) {
  for (const Target& target : targets) {
    network.deliver(target.to.device, delivered(network, sender, chat, target, message));
  }
}

// Each end hears of the other's devices from here on.
void get_acquainted(Account& a, Account& b) {
  if (&a == &b) return;
  a.watchers.insert(b.lid);
  b.watchers.insert(a.lid);
}

int route_resend(Network& network, const Party& sender, const wa::Node& message) {
  const std::vector<Target> named = named_targets(network, message);
  if (named.empty()) return kUnknownRecipient;
  const std::vector<Target> targets = {named.front()};
  check_ciphertexts(network, sender, named, message);
  targets.front().to.device.take_wanted(sender.account.lid, message.attr("id"));
  // A copy for a device of our own belongs to a chat that the resend need not name.
  const auto recipient = message.jid("recipient");
  Account* chat = recipient ? network.directory.find(*recipient) : nullptr;
  if (!chat) chat = network.directory.find_lid(sender.account.seen.chat_of(message.attr("id")));
  if (!chat) chat = &targets.front().to.account;
  deliver_targets(network, sender, *chat, targets, message);
  return 0;
}

}  // namespace

Routed route_message(Network& network, const Party& sender, const wa::Node& message) {
  const auto to = message.jid("to");
  const std::string id = message.attr("id");
  if (!to || id.empty() || message.attr("type").empty()) {
    network.blame(sender, "stanza", "a message without to, id or type");
    return {kMalformed};
  }
  if (to->server == wa::Server::Group) return route_group_message(network, sender, *to, message);
  if (!to->is_person() && to->server != wa::Server::Legacy) return {kNotImplemented};
  Account* chat = network.directory.find(*to);
  if (!chat) return {kUnknownRecipient};
  network.keeper.touched();
  if (const int refused = check_privacy_token(network, sender, *chat, message)) return {refused};
  if (is_resend(message)) return {route_resend(network, sender, message)};
  const std::vector<Target> targets = named_targets(network, message);
  check_ciphertexts(network, sender, targets, message);
  if (!sender.account.seen.insert(chat->lid, id)) {
    deliver_targets(network, sender, *chat, those_that_asked(sender, targets, id), message);
    return {};
  }
  if (!is_peer(message)) {
    if (sender.device.id != 0) check_fan_out(network, sender, *chat, targets, message);
    get_acquainted(sender.account, *chat);
  }
  deliver_targets(network, sender, *chat, targets, message);
  return {};
}

void route_receipt(Network& network, const Party& sender, const wa::Node& receipt) {
  const auto to = receipt.jid("to");
  if (!to || receipt.attr("id").empty()) {
    network.blame(sender, "stanza", "a receipt without to or id");
    return;
  }
  if (to->server == wa::Server::Group) return route_group_receipt(network, sender, *to, receipt);
  // As the other side sees it: who it comes from, and when.
  wa::Node out("receipt", {{"from", sender.account.jid(server_of(*to), sender.device.id)}, {"id", receipt.attr("id")}},
               receipt.children());
  out.set_number("t", unix_seconds(network.now()));
  for (const char* name : {"type", "category"}) {
    if (receipt.has(name)) out.set(name, receipt.attr(name));
  }
  for (const char* name : {"participant", "recipient"}) {
    if (const auto jid = receipt.jid(name)) out.set(name, *jid);
  }
  if (const auto parsed = wa::parse_receipt(out, network.now())) {
    for (const std::string& id : parsed->message_ids) sender.device.mailbox.settle("message", id, to);
  }
  network.keeper.touched();

  const std::string type = receipt.attr("type");
  if (is_for_the_server(type)) return;
  Account* account = network.directory.find(*to);
  if (!account) return;
  if (type == "retry") {
    const auto party = party_at(network, receipt.jid("participant").value_or(*to));
    if (!party) return;
    check_retry_receipt(network, sender, *party, out);
    sender.device.want_again(party->account.lid, receipt.attr("id"));
    network.deliver(party->device, out);
    return;
  }
  const bool is_for_phone = type == "server-error";  // the CDN has lost a file; only the own phone has it
  for (auto& [id, device] : account->devices) {
    if (&device == &sender.device || (is_for_phone && (id != 0 || account != &sender.account))) continue;
    network.deliver(device, out);
  }
}

void route_peer_message(Network& network, const Party& phone, Device& companion, wa::Node enc) {
  const Target target{{phone.account, companion}, phone.account.pn_jid(companion.id), &enc};
  wa::Node message("message",
                   {{"id", network.new_id()}, {"type", "text"}, {"category", "peer"}, {"push_priority", "high"}});
  network.deliver(companion, delivered(network, phone, phone.account, target, message));
}

}  // namespace konekwa::sandbox
