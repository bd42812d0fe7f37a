#include "daemon/session/fan_out.h"

#include "common/log.h"
#include "daemon/session/group_fan_out.h"
#include "daemon/wa/content_nodes.h"
#include "daemon/wa/device_list.h"
#include "daemon/wa/linking.h"
#include "daemon/wa/prekeys.h"

namespace konekwa::session {
namespace {

bool is_group(const wa::Jid& chat) { return chat.server == wa::Server::Group; }

}  // namespace

FanOut::FanOut(const Link& link) : link_(link), groups_(std::make_unique<GroupFanOut>(link, *this)) {}
FanOut::~FanOut() = default;

std::optional<FanOut::Targets> FanOut::targets(const wa::Jid& chat) {
  AddressBook& book = link_.device.addresses();
  const wa::Jid self = book.canonical(link_.device.jid());
  const auto own_ids = book.devices(link_.device.jid().user_jid());
  if (!own_ids) return std::nullopt;

  Targets out;
  for (const std::uint16_t id : *own_ids) {
    if (id != self.device) out.own.push_back(self.with_device(id));
  }
  if (link_.device.is_own_user(chat)) return out;  // a note to oneself goes to the own devices only

  const auto ids = book.devices(chat);
  if (!ids) return std::nullopt;
  for (const std::uint16_t id : *ids) out.peers.push_back(book.canonical(chat.user_jid()).with_device(id));
  return out;
}

std::vector<wa::Jid> FanOut::without_ratchet(const Targets& targets) {
  std::vector<wa::Jid> out;
  for (const auto* list : {&targets.peers, &targets.own}) {
    for (const wa::Jid& device : *list) {
      if (!link_.device.signal().has_session(device) && !without_keys_.contains(device)) out.push_back(device);
    }
  }
  return out;
}

bool FanOut::is_ready(const wa::Jid& chat) {
  if (is_group(chat)) return groups_->is_ready(chat);
  const auto who = targets(chat);
  return who && without_ratchet(*who).empty();
}

void FanOut::prepare(const wa::Jid& chat, Done done) {
  if (is_group(chat)) return groups_->prepare(chat, std::move(done));
  AddressBook& book = link_.device.addresses();
  const wa::Jid own = link_.device.jid().user_jid();
  std::vector<wa::Jid> unknown;
  if (!book.devices(own)) unknown.push_back(own);
  if (!link_.device.is_own_user(chat) && !book.devices(chat)) unknown.push_back(chat.user_jid());
  if (unknown.empty()) return ensure_keys(chat, std::move(done));

  ask_devices(unknown, alive_.guard([this, chat, done = std::move(done)](const Result<>& answer) {
    if (!answer) return done(answer);
    AddressBook& addresses = link_.device.addresses();
    if (!link_.device.is_own_user(chat) && !addresses.devices(chat)) {
      return done(fail(ErrorCode::RECIPIENT_NOT_ON_WHATSAPP, chat.user));
    }
    if (!addresses.devices(link_.device.jid().user_jid())) addresses.set_devices(link_.device.jid().user_jid(), {0});
    ensure_keys(chat, done);
  }));
}

void FanOut::ask_devices(const std::vector<wa::Jid>& users, Done done) {
  const std::string sid = link_.iq.next_id();
  const wa::Node query = wa::devices_usync_iq(link_.iq.next_id(), sid, users);
  link_.iq.request(query, alive_.guard([this, done = std::move(done)](Result<wa::Node> answer) {
    if (!answer) return done(fail(answer.error()));
    auto told = wa::parse_devices_usync(*answer);
    if (!told) return done(fail(told.error()));
    AddressBook& addresses = link_.device.addresses();
    for (const wa::UserDevices& user : *told) {
      if (user.lid) addresses.learn(user.user, *user.lid);
      addresses.set_devices(user.user, user.device_ids);
    }
    done({});
  }));
}

void FanOut::ensure_keys(const wa::Jid& chat, Done done) {
  const auto who = targets(chat);
  if (!who) return done(fail(ErrorCode::PROTOCOL, "the device lists changed while they were asked for"));
  fetch_keys(without_ratchet(*who), false, alive_.guard([this, chat, done = std::move(done)](Result<> fetched) {
    if (!fetched) return done(std::move(fetched));
    const auto now_known = targets(chat);
    if (!now_known) return done(fail(ErrorCode::PROTOCOL, "the device lists changed while keys were asked for"));
    const auto has_ratchet = [this](const wa::Jid& device) { return link_.device.signal().has_session(device); };
    const auto& peers = now_known->peers;
    const bool is_note = link_.device.is_own_user(chat);
    if (!is_note && std::none_of(peers.begin(), peers.end(), has_ratchet)) {
      return done(fail(ErrorCode::ENCRYPTION_FAILED, "no device of the recipient has usable keys"));
    }
    done({});
  }));
}

void FanOut::fetch_keys(const std::vector<wa::Jid>& devices, bool because_of_identity_change, Done done) {
  if (devices.empty()) return done({});
  const wa::Node query = wa::prekey_fetch_iq(link_.iq.next_id(), devices, because_of_identity_change);
  link_.iq.request(query, alive_.guard([this, devices, done = std::move(done)](Result<wa::Node> answer) {
    if (!answer) return done(fail(answer.error()));
    start_sessions(*answer);
    for (const wa::Jid& device : devices) {
      if (!link_.device.signal().has_session(device)) without_keys_.insert(device);
    }
    done({});
  }));
}

void FanOut::start_sessions(const wa::Node& answer) {
  const auto bundles = wa::parse_prekey_fetch(answer);
  if (!bundles) {
    log::warn("session", "{}: prekeys: {}", link_.session, bundles.error().text());
    return;
  }
  for (const wa::FetchedBundle& fetched : *bundles) {
    const wa::Jid device = link_.device.addresses().canonical(fetched.device);
    if (link_.device.signal().has_session(device)) continue;  // another lane was quicker
    const Result<> started = fetched.bundle ? link_.device.signal().start_session(device, *fetched.bundle)
                                            : Result<>(fail(fetched.bundle.error()));
    if (!started) {
      log::warn("session", "{}: no ratchet with device {}: {}", link_.session, device.device, started.error().text());
    }
  }
}

Result<wa::Ciphertext> FanOut::seal(const wa::Jid& device, const wa::Jid& chat, const Bytes& message) {
  const Bytes payload = link_.device.is_own_user(device) ? wa::wrap_device_sent(message, chat) : message;
  return link_.device.signal().encrypt(device, wa::pad(payload, link_.env.random));
}

Result<wa::Node> FanOut::encrypt(const wa::Jid& chat, const Outgoing& outgoing) {
  if (is_group(chat)) return groups_->encrypt(chat, outgoing);
  const auto who = targets(chat);
  if (!who) return fail(ErrorCode::ENCRYPTION_FAILED, "the devices of the recipient are not known");
  const wa::Jid to = link_.device.addresses().canonical(chat.user_jid());

  wa::Node participants("participants");
  bool introduces_us = false;
  std::size_t peers_served = 0;
  for (const auto* list : {&who->peers, &who->own}) {
    for (const wa::Jid& device : *list) {
      const auto ciphertext = seal(device, to, outgoing.message);
      if (!ciphertext) continue;  // without keys: it will ask, or be listed anew
      if (list == &who->peers) ++peers_served;
      introduces_us |= ciphertext->type == wa::EncType::PkMsg;
      wa::Node entry("to", {{"jid", device}});
      entry.add(wa::enc_node(ciphertext->type, ciphertext->bytes, outgoing.type));
      participants.add(std::move(entry));
    }
  }
  if (peers_served == 0 && !link_.device.is_own_user(chat)) {
    return fail(ErrorCode::ENCRYPTION_FAILED, "no device of the recipient has usable keys");
  }
  wa::Node message = wa::message_node(to, outgoing.id, outgoing.type);
  if (to.server == wa::Server::Lid && chat.server == wa::Server::Pn) message.set("peer_recipient_pn", chat.user_jid());
  message.add(std::move(participants));
  wa::add_meta(message, outgoing.type);
  if (introduces_us) {
    message.add(wa::Node("device-identity", {}, wa::device_identity_content(link_.device.row.account)));
  }
  return message;
}

Result<wa::Node> FanOut::encrypt_for(const wa::Jid& device, const wa::Jid& stanza_to, const wa::Jid& chat,
                                     const Outgoing& outgoing, int retry_count) {
  if (is_group(chat)) return groups_->encrypt_for(device, stanza_to, chat, outgoing, retry_count);
  const wa::Jid to = link_.device.addresses().canonical(chat.user_jid());
  const auto ciphertext = seal(device, to, outgoing.message);
  if (!ciphertext) return fail(ciphertext.error());
  wa::Node message = wa::message_node(stanza_to, outgoing.id, outgoing.type);
  message.set("device_fanout", "false");
  if (link_.device.is_own_user(device)) message.set("recipient", to);
  wa::Node enc = wa::enc_node(ciphertext->type, ciphertext->bytes, outgoing.type);
  enc.set_number("count", retry_count);
  message.add(std::move(enc));
  if (ciphertext->type == wa::EncType::PkMsg) {
    message.add(wa::Node("device-identity", {}, wa::device_identity_content(link_.device.row.account)));
  }
  return message;
}

void FanOut::on_ack(const wa::Node& ack, store::WriteBatch& batch) { groups_->on_ack(ack, batch); }
void FanOut::on_unsent(const std::string& id) { groups_->on_unsent(id); }

}  // namespace konekwa::session
