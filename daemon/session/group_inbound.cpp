#include "daemon/session/group_inbound.h"

#include "common/log.h"

namespace konekwa::session {
namespace {

// A message has one, in a group two. Each costs a try with a ratchet.
constexpr std::size_t kPartsMax = 8;

}  // namespace

std::vector<const wa::Node*> encrypted_parts(const wa::Node& message) {
  std::vector<const wa::Node*> parts;
  for (const wa::Node* enc : message.children("enc")) {
    if (parts.size() < kPartsMax && wa::enc_type_from(enc->attr("type"))) parts.push_back(enc);
  }
  std::stable_partition(parts.begin(), parts.end(), [](const wa::Node* enc) { return enc->attr("type") != "skmsg"; });
  return parts;
}

Result<Bytes> open_group_message(Device& device, const wa::MessageInfo& info, ByteView ciphertext) {
  if (!info.is_group) return fail(ErrorCode::PROTOCOL, "a group's message outside of a group");
  wa::SenderKeys& keys = device.signal().sender_keys();
  const wa::Jid group = info.from.user_jid();
  const wa::Jid sender = device.addresses().canonical(info.sender);
  auto plain = keys.decrypt(group, sender, ciphertext);
  const bool is_missing = !plain && plain.error().code == ErrorCode::NO_SESSION;
  if (!is_missing || sender.server != wa::Server::Lid) return plain;
  // The key may have come before we learned that the number and the LID are one account.
  const auto number = device.addresses().pn_of(sender.user_jid());
  if (!number || !keys.has(group, number->with_device(sender.device))) return plain;
  return keys.decrypt(group, number->with_device(sender.device), ciphertext);
}

void accept_sender_key(const Link& link, const wa::MessageInfo& info, const wa::SenderKey& key) {
  if (!info.is_group) return;
  const wa::Jid sender = link.device.addresses().canonical(info.sender);
  if (sender == link.device.addresses().canonical(link.device.jid())) return;   // ours is made here, and only here
  const Result<> accepted =
      link.device.signal().sender_keys().accept(info.from.user_jid(), sender, key.distribution);
  if (!accepted) log::warn("session", "{}: sender key not understood: {}", link.session, accepted.error().text());
}

}  // namespace konekwa::session
