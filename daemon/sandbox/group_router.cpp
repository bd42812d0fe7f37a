#include "daemon/sandbox/group_router.h"

#include "daemon/sandbox/checks.h"
#include "daemon/sandbox/companion.h"
#include "daemon/sandbox/group_nodes.h"
#include "daemon/sandbox/group_phash.h"
#include "daemon/sandbox/targets.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {
namespace {

constexpr int kNotAllowed = 403;
constexpr int kNoSuchGroup = 404;
constexpr int kOtherAddressing = 420;
constexpr int kMalformed = 479;

// A message on its way to a group.
struct Passage {
  Network& network;
  const Party& sender;
  const Group& group;
  const wa::Node& message;
  std::string id;
  const wa::Node* sender_key_message;      // <enc type=skmsg>
  std::vector<Target> targets;             // devices that are no member's get nothing
};

const wa::Node* sender_key_message_of(const wa::Node& message) {
  for (const wa::Node* enc : message.children("enc")) {
    if (enc->attr("type") == "skmsg") return enc;
  }
  return nullptr;
}

void set_sender(wa::Node& node, const Group& group, const Party& sender) {
  node.set("participant", sender.account.jid(group.server(), sender.device.id));
  node.set(group.is_lid_addressed ? "participant_pn" : "participant_lid",
           group.is_lid_addressed ? sender.account.pn_jid() : sender.account.lid_jid());
}

// What one device gets. `own`: the ciphertext for it alone, or nothing.
wa::Node delivered(const Passage& passage, const wa::Node* own, bool has_sender_key_message) {
  const auto& [network, sender, group, message, id, sender_key_message, targets] = passage;
  wa::Node out("message", {{"from", group.jid()}});
  for (const char* name : {"id", "type", "edit"}) {
    if (message.has(name)) out.set(name, message.attr(name));
  }
  set_sender(out, group, sender);
  out.set("addressing_mode", group.is_lid_addressed ? "lid" : "pn");
  out.set_number("t", unix_seconds(network.now()));
  if (!sender.account.push_name.empty()) out.set("notify", sender.account.push_name);
  // Clients decrypt in this order: the first may hold the key of the second.
  if (own) out.add(*own);
  if (has_sender_key_message) out.add(*sender_key_message);
  for (const char* name : {"device-identity", "meta", "biz", "reporting"}) {
    if (const wa::Node* child = message.child(name)) out.add(*child);
  }
  return out;
}

void check_addressees(const Passage& passage) {
  for (const Target& target : passage.targets) {
    if (passage.group.has(target.to.account.lid) || is_list_unsettled(passage.network, passage.sender.device)) continue;
    passage.network.blame(passage.sender, "fan-out",
                          fmt::format("message {} to {} is also encrypted for {}, which is no member's", passage.id,
                                      to_string(passage.group.jid()), to_string(target.address)));
  }
}

// The sender will hear of devices that the members link, and they of the sender's.
void get_acquainted(Passage& passage) {
  Account& sender = passage.sender.account;
  for (Account* account : accounts_of(passage.network, passage.group)) {
    if (account == &sender) continue;
    account->watchers.insert(sender.lid);
    sender.watchers.insert(account->lid);
  }
}

int refusal(Network& network, const Party& sender, const Group& group, const wa::Node& message) {
  if (!group.has(sender.account.lid)) {
    if (!is_list_unsettled(network, sender.device)) {
      network.blame(sender, "group", fmt::format("message {} to {} by one who is no member", message.attr("id"),
                                                 to_string(group.jid())));
    }
    return kNotAllowed;
  }
  if (group.is_announcement && !group.has_admin(sender.account.lid)) return kNotAllowed;
  const std::string mode = message.attr("addressing_mode");
  if (!mode.empty() && mode != (group.is_lid_addressed ? "lid" : "pn")) return kOtherAddressing;
  return 0;
}

// A message that was encrypted again for one device that asked for it.
int route_resend(Passage& passage, const wa::Jid& participant) {
  Network& network = passage.network;
  const auto party = party_at(network, participant);
  if (!party || !passage.group.has(party->account.lid)) return kNoSuchGroup;
  const wa::Node* enc = passage.message.child("enc");
  const auto named = std::find_if(passage.targets.begin(), passage.targets.end(),
                                  [&](const Target& target) { return &target.to.device == &party->device; });
  if (!enc && named != passage.targets.end()) enc = named->enc;
  if (!enc) return kMalformed;
  // Baileys encrypts for that device twice in one stanza; both steps of the ratchet are looked at, one is delivered.
  check_ciphertext(network, passage.sender, *party, *enc, passage.message);
  if (named != passage.targets.end() && named->enc != enc) {
    check_ciphertext(network, passage.sender, *party, *named->enc, passage.message);
  }
  party->device.take_wanted(passage.sender.account.lid, passage.id);
  network.deliver(party->device, delivered(passage, enc, false));
  return 0;
}

void deliver_to_all(Passage& passage) {
  for (Account* account : accounts_of(passage.network, passage.group)) {
    for (auto& [id, device] : account->devices) {
      if (&device == &passage.sender.device) continue;
      const auto own = std::find_if(passage.targets.begin(), passage.targets.end(),
                                    [&, d = &device](const Target& target) { return &target.to.device == d; });
      const wa::Node* enc = own == passage.targets.end() ? nullptr : own->enc;
      passage.network.deliver(device, delivered(passage, enc, true));
    }
  }
}

}  // namespace

Routed route_group_message(Network& network, const Party& sender, const wa::Jid& to, const wa::Node& message) {
  const Group* group = network.groups.find(to);
  if (!group) return {kNoSuchGroup};
  if (const int error = refusal(network, sender, *group, message)) return {error};
  network.keeper.touched();
  Passage passage{network, sender, *group, message, message.attr("id"), sender_key_message_of(message), {}};
  add_participants(network, passage.targets, message);
  if (const auto participant = message.jid("participant")) return {route_resend(passage, *participant)};
  check_ciphertexts(network, sender, passage.targets, message);
  check_addressees(passage);
  if (!passage.sender_key_message) {
    network.blame(sender, "stanza", fmt::format("message {} to a group without a skmsg", passage.id));
    return {kMalformed};
  }
  check_sender_key_message(network, sender, to, passage.id, *passage.sender_key_message);
  Routed routed;
  if (message.has("phash")) routed.phash = corrected_phash(network, *group, sender, message.attr("phash"));
  if (!sender.account.seen.insert(to_string(to), passage.id)) {
    for (const Target& target : those_that_asked(sender, passage.targets, passage.id)) {
      if (!group->has(target.to.account.lid)) continue;
      network.deliver(target.to.device, delivered(passage, target.enc, true));
    }
    return routed;
  }
  get_acquainted(passage);
  deliver_to_all(passage);
  return routed;
}

void route_group_receipt(Network& network, const Party& reader, const wa::Jid& to, const wa::Node& receipt) {
  wa::Node out("receipt", {{"from", to}, {"id", receipt.attr("id")}}, receipt.children());
  out.set_number("t", unix_seconds(network.now()));
  if (const auto parsed = wa::parse_receipt(out, network.now())) {
    for (const std::string& id : parsed->message_ids) reader.device.mailbox.settle("message", id, to);
  }
  network.keeper.touched();
  const std::string type = receipt.attr("type");
  const Group* group = network.groups.find(to);
  if (is_for_the_server(type) || !group) return;
  const auto participant = receipt.jid("participant");
  if (!participant) {
    return network.blame(reader, "stanza", fmt::format("a receipt for {} in a group without participant",
                                                       receipt.attr("id")));
  }
  if (!type.empty()) out.set("type", type);
  set_sender(out, *group, reader);
  out.set("addressing_mode", group->is_lid_addressed ? "lid" : "pn");
  Account* author = network.directory.find(*participant);
  if (!author || !group->has(author->lid)) return;
  if (type == "retry") {
    const auto party = party_at(network, *participant);
    if (!party) return;
    check_retry_receipt(network, reader, *party, out);
    reader.device.want_again(author->lid, receipt.attr("id"));
    return network.deliver(party->device, out);
  }
  for (auto& [id, device] : author->devices) {
    if (&device != &reader.device) network.deliver(device, out);
  }
}

void route_group_chatstate(Network& network, const Party& sender, const wa::Jid& to, const wa::Node& chatstate) {
  const Group* group = network.groups.find(to);
  if (!group || !group->has(sender.account.lid)) return;
  wa::Node out("chatstate", {{"from", to}, {"participant", sender.account.jid(group->server())}},
               chatstate.children());
  for (Account* account : accounts_of(network, *group)) {
    for (auto& [id, device] : account->devices) {
      if (id == 0 || account == &sender.account || !device.outlet) continue;
      static_cast<Companion*>(device.outlet)->send(out);
    }
  }
}

}  // namespace konekwa::sandbox
