#include "tests/sim/hostile_peer.h"

#include "daemon/sandbox/key_answers.h"
#include "daemon/sandbox/router.h"
#include "daemon/wa/groups.h"

namespace konekwa::sim {

HostilePeer::HostilePeer(World& world, const std::string& number)
    : world_(world),
      network_(world.network->network()),
      account_(*network_.directory.find_number(number)),
      signal_(account_.phone.identity, &account_.phone.rows, world.random),
      phone_(account_.devices.at(0).outlet) {
  account_.devices.at(0).outlet = this;
}

HostilePeer::~HostilePeer() { account_.devices.at(0).outlet = phone_; }

sandbox::Account& HostilePeer::victim() { return *network_.directory.find_number(world_.own_number); }

// The session is the one companion of its account.
sandbox::Device& HostilePeer::victim_device() { return victim().devices.rbegin()->second; }

wa::Jid HostilePeer::victim_address() { return victim().lid_jid(victim_device().id); }

std::string HostilePeer::new_id() { return to_hex(world_.random.bytes(16)); }

wa::Node HostilePeer::enc(std::string type, Bytes octets) {
  return wa::Node("enc", {{"v", "2"}, {"type", std::move(type)}}, std::move(octets));
}

wa::Node HostilePeer::stanza(const std::string& id) const {
  wa::Node out("message", {{"from", account_.lid_jid()}, {"id", id}, {"type", "text"}});
  out.set_number("t", unix_seconds(world_.loop.now())).set("sender_pn", account_.pn_jid());
  return out;
}

wa::Node HostilePeer::stanza_in_group(const std::string& id, const wa::Jid& group) const {
  wa::Node out("message", {{"from", group}, {"participant", account_.lid_jid()}, {"id", id}, {"type", "text"}});
  out.set_number("t", unix_seconds(world_.loop.now())).set("participant_pn", account_.pn_jid());
  out.set("addressing_mode", "lid");
  return out;
}

void HostilePeer::deliver(wa::Node stanza) { network_.deliver(victim_device(), std::move(stanza)); }

wa::Ciphertext HostilePeer::encrypt(ByteView padded) {
  const wa::Jid to = victim_address();
  if (!signal_.has_session(to)) {
    const auto bundle = sandbox::take_bundle(network_, account_.lid_jid(), victim(), victim_device());
    KONEKWA_ASSERT(signal_.start_session(to, bundle));
  }
  auto out = signal_.encrypt(to, padded);
  KONEKWA_ASSERT(out);
  account_.phone.rows.apply(signal_.take_changes());
  return std::move(*out);
}

Bytes HostilePeer::key_for_group(const wa::Jid& group) {
  const auto distribution = signal_.sender_keys().distribution(group, address());
  KONEKWA_ASSERT(distribution);
  return wa::encode_key_distribution(group, *distribution);
}

Bytes HostilePeer::encrypt_for_group(const wa::Jid& group, ByteView padded) {
  (void)key_for_group(group);
  auto out = signal_.sender_keys().encrypt(group, address(), padded);
  KONEKWA_ASSERT(out);
  account_.phone.rows.apply(signal_.take_changes());
  return std::move(*out);
}

std::string HostilePeer::send(ByteView message) {
  const std::string id = new_id();
  sent_[id] = to_bytes(message);
  wa::Ciphertext sealed = encrypt(pad(message));
  wa::Node out = stanza(id);
  out.add(enc(std::string(to_string(sealed.type)), std::move(sealed.bytes)));
  deliver(std::move(out));
  return id;
}

std::string HostilePeer::send_text(const std::string& text) { return send(wa::encode_text(text)); }

std::string HostilePeer::send_in_group(const wa::Jid& group, ByteView message) {
  const std::string id = new_id();
  wa::Ciphertext key = encrypt(pad(key_for_group(group)));
  wa::Node out = stanza_in_group(id, group);
  out.add(enc(std::string(to_string(key.type)), std::move(key.bytes)));
  out.add(enc("skmsg", encrypt_for_group(group, pad(message))));
  deliver(std::move(out));
  return id;
}

std::size_t HostilePeer::texts_shown(const std::string& text) const {
  return static_cast<std::size_t>(std::count(shown_.begin(), shown_.end(), text));
}

void HostilePeer::on_mail() {
  if (turn_.is_pending()) return;
  turn_ = network_.loop.after(Duration::zero(), [this] {
    turn_.reset();
    sandbox::Mailbox& mailbox = account_.devices.at(0).mailbox;
    while (const wa::Node* next = mailbox.take_unsent()) {
      const wa::Node stanza = *next;
      mailbox.settle(stanza.tag, stanza.attr("id"), stanza.jid("from"));
      take(stanza);
    }
  });
}

void HostilePeer::take(const wa::Node& stanza) {
  if (stanza.tag == "message") take_message(stanza);
  if (stanza.tag == "receipt" && stanza.attr("type") == "retry") take_retry(stanza);
}

void HostilePeer::take_message(const wa::Node& message) {
  const auto info = wa::parse_message_info(message);
  if (!info || network_.directory.find(info->sender) != &victim() || info->sender.device == 0) return;
  for (const wa::Node* part : message.children("enc")) {
    const auto type = wa::enc_type_from(part->attr("type"));
    if (!type || *type == wa::EncType::SkMsg) continue;
    const auto padded = signal_.decrypt(victim_address(), *type, part->bytes());
    const auto plain = padded ? wa::unpad(*padded) : Result<Bytes>(fail(padded.error()));
    const auto content = plain ? wa::parse_content(*plain) : Result<wa::Content>(fail(plain.error()));
    if (content) shown_.push_back(content->text);
  }
  account_.phone.rows.apply(signal_.take_changes());
  sandbox::route_receipt(network_, {account_, account_.devices.at(0)},
                         wa::delivery_receipt(message, wa::ReceiptKind::Delivered));
}

void HostilePeer::take_retry(const wa::Node& receipt) {
  ++asked_again_;
  const auto request = wa::parse_retry_receipt(receipt);
  if (!request || !sent_.contains(request->message_id)) return;
  const wa::Jid device = victim_address();
  if (request->bundle) {
    if (!signal_.start_session(device, *request->bundle)) return;
  } else if (request->count > 1) {
    signal_.delete_session(device);
  }
  wa::Ciphertext sealed = encrypt(pad(sent_[request->message_id]));
  wa::Node out = stanza(request->message_id);
  out.add(enc(std::string(to_string(sealed.type)), std::move(sealed.bytes)));
  deliver(std::move(out));
}

}  // namespace konekwa::sim
