// A phone in groups: it has a sender key in each, hands it to every device that lacks it, and makes another when one of
// them has left.
#include "daemon/sandbox/phone.h"
#include "daemon/sandbox/router.h"
#include "proto/e2e.pb.h"

namespace konekwa::sandbox {
namespace {

// `message`, or nothing, with our sender key beside it.
Bytes with_sender_key(const wa::Jid& group, ByteView distribution, ByteView message) {
  wa::proto::Message out;
  KONEKWA_ASSERT(out.ParseFromArray(message.data(), static_cast<int>(message.size())));
  wa::proto::SenderKeyDistributionMessage& key = *out.mutable_sender_key_distribution_message();
  key.set_group_id(to_string(group));
  key.set_axolotl_sender_key_distribution_message(distribution.data(), distribution.size());
  return to_bytes(out.SerializeAsString());
}

wa::Node group_stanza(const Group& group, const SentMessage& message) {
  return wa::Node("message", {{"to", group.jid()},
                              {"id", message.id},
                              {"type", "text"},
                              {"addressing_mode", group.is_lid_addressed ? "lid" : "pn"}});
}

}  // namespace

Result<std::string> Phone::say_in_group(Group& group, const std::string& text) {
  if (!group.has(account_.lid)) return fail(ErrorCode::CONFLICT, account_.number + " is no member of the group");
  if (group.is_announcement && !group.has_admin(account_.lid)) {
    return fail(ErrorCode::CONFLICT, "only admins write to the group");
  }
  SentMessage message = new_message(network_, to_string(group.jid()), text);
  send(message, group);
  const std::string id = message.id;
  remember_sent(std::move(message));
  return id;
}

std::set<std::string>& Phone::holders_of_key(const Group& group) {
  std::set<std::string>& holders = record_.key_holders[to_string(group.jid())];
  const bool has_one_left = std::any_of(holders.begin(), holders.end(), [&](const std::string& device) {
    const auto jid = wa::Jid::parse(device);
    Account* account = jid ? network_.directory.find(*jid) : nullptr;
    return !account || !account->device(jid->device) || !group.has(account->lid);
  });
  if (has_one_left) {
    signal_.sender_keys().forget(group.jid(), account_.lid_jid());
    holders.clear();
  }
  return holders;
}

void Phone::send(const SentMessage& message, const Group& group) {
  std::set<std::string>& holders = holders_of_key(group);
  const auto distribution = signal_.sender_keys().distribution(group.jid(), account_.lid_jid());
  KONEKWA_ASSERT(distribution);
  const Bytes key = with_sender_key(group.jid(), *distribution, {});
  wa::Node participants("participants");
  for (const GroupMember& member : group.members) {
    const Account* account = network_.directory.find_lid(member.lid);
    if (!account) continue;
    for (const auto& [id, device] : account->devices) {
      const wa::Jid jid = account->lid_jid(id);
      if (&device == &self().device || !holders.insert(to_string(jid)).second) continue;
      participants.add(wa::Node("to", {{"jid", jid}}, wa::Node::Children{encrypted_for(jid, key)}));
    }
  }
  const Bytes padded = wa::pad(message.message, network_.random);
  const auto ciphertext = signal_.sender_keys().encrypt(group.jid(), account_.lid_jid(), padded);
  KONEKWA_ASSERT(ciphertext);
  wa::Node stanza = group_stanza(group, message);
  if (participants.first_child()) stanza.add(std::move(participants));
  stanza.add(wa::Node("enc", {{"v", "2"}, {"type", "skmsg"}}, *ciphertext));
  remember();
  route_message(network_, self(), stanza);
}

void Phone::encrypt_again_for_group(const wa::RetryRequest& request, const SentMessage& sent) {
  const wa::Jid device = canonical(request.requester);
  const auto jid = wa::Jid::parse(sent.chat);
  const Group* group = jid ? network_.groups.find(*jid) : nullptr;
  const Account* account = network_.directory.find(device);
  if (!group || !account || !group->has(account->lid)) return;
  const auto distribution = signal_.sender_keys().distribution(group->jid(), account_.lid_jid());
  KONEKWA_ASSERT(distribution);
  wa::Node enc = encrypted_for(device, with_sender_key(group->jid(), *distribution, sent.message));
  enc.set_number("count", request.count);
  wa::Node stanza = group_stanza(*group, sent);
  stanza.set("participant", device).set("device_fanout", "false");
  stanza.add(std::move(enc));
  remember();
  route_message(network_, self(), stanza);
}

void Phone::take_sender_key(const wa::MessageInfo& info, const wa::Jid& sender, const wa::SenderKey& key) {
  Account* account = network_.directory.find(sender);
  Device* device = account ? account->device(sender.device) : nullptr;
  const bool is_for_this_group = info.is_group && key.group == to_string(info.from);
  const auto accepted = is_for_this_group ? signal_.sender_keys().accept(info.from, sender, key.distribution)
                                          : fail(ErrorCode::PROTOCOL, "it is for " + key.group);
  if (accepted || !device || device->id == 0) return;
  network_.blame({*account, *device}, "sender-key",
                 fmt::format("the sender key in {} of {}: {}", info.id, to_string(info.from), accepted.error().text()));
}

}  // namespace konekwa::sandbox
