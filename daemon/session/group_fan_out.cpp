#include "daemon/session/group_fan_out.h"

#include "common/log.h"
#include "daemon/store/groups.h"
#include "daemon/wa/content_nodes.h"
#include "daemon/wa/linking.h"

namespace konekwa::session {
namespace {

// Errors of an ack: the group names people by other addresses, or has other devices in it, than the message.
constexpr const char* kOtherAddressing = "420";
constexpr const char* kStaleAddressing = "421";

wa::Node group_message_node(const wa::Group& group, const std::string& id, const wa::StanzaType& content) {
  wa::Node message = wa::message_node(group.jid, id, content);
  message.set("addressing_mode", group.uses_lids ? "lid" : "pn");
  return message;
}

Error too_many_devices() {
  return Error(ErrorCode::ENCRYPTION_FAILED, "more devices in the group than a stanza holds");
}

}  // namespace

GroupFanOut::Targets GroupFanOut::targets(const wa::Group& group) {
  AddressBook& book = link_.device.addresses();
  const wa::Jid own = self();
  Targets out;
  const auto add_user = [&](const wa::Jid& user) {
    const auto ids = book.devices(user);
    if (!ids && !unlisted_.contains(user)) out.unknown.push_back(user);
    if (!ids) return;
    for (const std::uint16_t id : *ids) {
      const wa::Jid device = book.canonical(user.with_device(id));
      if (device != own) out.devices.push_back({user.with_device(id), device});
    }
  };
  bool has_us = false;
  for (const wa::GroupMember& member : group.members) {
    has_us |= link_.device.is_own_user(member.jid);
    add_user(member.jid);
  }
  // Our other devices read along, even if the server has forgotten to list us.
  if (!has_us) add_user(group.uses_lids ? own.user_jid() : link_.device.jid().user_jid());
  return out;
}

// Holders, and those whose key is under way: on one connection the server keeps the order.
std::set<wa::Jid> GroupFanOut::able_to_read(const wa::Jid& group) {
  std::set<wa::Jid> out = link_.device.groups().key_holders(group);
  for (const auto& [id, sent] : in_flight_) {
    if (sent.group == group) out.insert(sent.devices.begin(), sent.devices.end());
  }
  return out;
}

std::vector<GroupFanOut::Target> GroupFanOut::without_key(const wa::Jid& group, const Targets& targets) {
  const std::set<wa::Jid> readers = able_to_read(group);
  std::vector<Target> out;
  for (const Target& target : targets.devices) {
    if (!readers.contains(target.ratchet)) out.push_back(target);
  }
  return out;
}

// Who we are in it is for the server to say when the group does not list us.
std::optional<Error> GroupFanOut::obstacle(const wa::Jid& group) {
  const wa::Group* known = link_.device.groups().find(group);
  if (!known || !known->is_announcement) return std::nullopt;
  const auto is_own = [this](const wa::GroupMember& member) { return link_.device.is_own_user(member.jid); };
  const auto us = std::find_if(known->members.begin(), known->members.end(), is_own);
  const bool is_barred = us != known->members.end() && us->role == wa::GroupMember::Role::Member;
  return is_barred ? std::optional(Error(ErrorCode::GROUP_ANNOUNCE_ONLY, to_string(group))) : std::nullopt;
}

bool GroupFanOut::is_ready(const wa::Jid& group) {
  const wa::Group* known = link_.device.groups().find(group);
  if (!known) return false;
  const Targets who = targets(*known);
  if (!who.unknown.empty()) return false;
  const auto waiting = without_key(group, who);
  return std::all_of(waiting.begin(), waiting.end(), [this](const Target& target) {
    return link_.device.signal().has_session(target.ratchet) || fan_out_.is_without_keys(target.ratchet);
  });
}

void GroupFanOut::prepare(const wa::Jid& group, Done done) {
  if (link_.device.groups().find(group)) return ensure_devices(group, std::move(done));
  query_.fetch(group, alive_.guard([this, group, done = std::move(done)](const Result<>& fetched) {
    if (!fetched) return done(fetched);
    ensure_devices(group, done);
  }));
}

void GroupFanOut::ensure_devices(const wa::Jid& group, Done done) {
  const wa::Group* known = link_.device.groups().find(group);
  if (!known) return done(fail(ErrorCode::PROTOCOL, "the group changed while it was asked for"));
  const auto unknown = targets(*known).unknown;
  if (unknown.empty()) return ensure_keys(group, std::move(done));
  fan_out_.ask_devices(unknown, alive_.guard([this, group, unknown, done = std::move(done)](const Result<>& told) {
    if (!told) return done(told);
    for (const wa::Jid& user : unknown) {
      if (!link_.device.addresses().devices(user)) unlisted_.insert(user);
    }
    ensure_keys(group, done);
  }));
}

void GroupFanOut::ensure_keys(const wa::Jid& group, Done done) {
  const wa::Group* known = link_.device.groups().find(group);
  if (!known) return done(fail(ErrorCode::PROTOCOL, "the group changed while its devices were asked for"));
  const Targets who = targets(*known);
  if (who.devices.size() > kDevicesInStanzaMax) return done(fail(too_many_devices()));
  std::vector<wa::Jid> missing;
  for (const Target& target : without_key(group, who)) {
    const bool is_hopeless = fan_out_.is_without_keys(target.ratchet);
    if (!is_hopeless && !link_.device.signal().has_session(target.ratchet)) missing.push_back(target.ratchet);
  }
  fan_out_.fetch_keys(missing, false, std::move(done));
}

// Whoever has left must not read on. A key that nobody is known to hold is kept: a message that went out with it on an
// earlier connection may have arrived, and what is sent again under its id reaches nobody who has it.
void GroupFanOut::rotate_if_needed(const wa::Jid& group, const Targets& targets) {
  std::set<wa::Jid> present;
  for (const Target& target : targets.devices) present.insert(target.ratchet);
  const std::set<wa::Jid> readers = able_to_read(group);
  const bool has_left = !std::includes(present.begin(), present.end(), readers.begin(), readers.end());
  wa::SenderKeys& keys = link_.device.signal().sender_keys();
  if (!has_left && keys.has(group, self())) return;
  keys.forget(group, self());
  link_.device.groups().forget_key_holders(group);
  for (auto& [id, sent] : in_flight_) {
    if (sent.group == group) sent.devices.clear();
  }
}

std::string GroupFanOut::hash_of(const wa::Group& group, const Targets& targets) const {
  std::vector<wa::Jid> devices;
  for (const Target& target : targets.devices) devices.push_back(target.wire);
  devices.push_back(group.uses_lids ? self() : link_.device.jid());
  return wa::participant_hash(devices);
}

Result<wa::Node> GroupFanOut::encrypt(const wa::Jid& group, const Outgoing& outgoing) {
  const wa::Group* known = link_.device.groups().find(group);
  if (!known) return fail(ErrorCode::ENCRYPTION_FAILED, "the members of the group are not known");
  const Targets who = targets(*known);
  if (who.devices.size() > kDevicesInStanzaMax) return fail(too_many_devices());
  wa::SignalState& signal = link_.device.signal();
  rotate_if_needed(group, who);
  const auto distribution = signal.sender_keys().distribution(group, self());
  if (!distribution) return fail(distribution.error());
  const auto text = signal.sender_keys().encrypt(group, self(), wa::pad(outgoing.message, link_.env.random));
  if (!text) return fail(text.error());

  const wa::StanzaType& content = outgoing.type;
  const Bytes key = wa::encode_key_distribution(group, *distribution);
  InFlight sent{group, {}, hash_of(*known, who), static_cast<std::int64_t>(known->members.size()) - 1};
  wa::Node participants("participants");
  wa::StanzaType key_type = content;   // what brings the key has no media in it
  key_type.mediatype.clear();
  bool introduces_us = false;
  for (const Target& target : without_key(group, who)) {
    auto sealed = signal.encrypt(target.ratchet, wa::pad(key, link_.env.random));
    if (!sealed) continue;  // without keys: it will ask, or be listed anew
    introduces_us |= sealed->type == wa::EncType::PkMsg;
    wa::Node entry("to", {{"jid", target.wire}});
    entry.add(wa::enc_node(sealed->type, std::move(sealed->bytes), key_type));
    participants.add(std::move(entry));
    sent.devices.insert(target.ratchet);
  }
  wa::Node message = group_message_node(*known, outgoing.id, content);
  message.set("phash", sent.hash);
  if (!sent.devices.empty()) message.add(std::move(participants));
  message.add(wa::enc_node(wa::EncType::SkMsg, *text, content));
  wa::add_meta(message, content);
  if (introduces_us) {
    message.add(wa::Node("device-identity", {}, wa::device_identity_content(link_.device.row.account)));
  }
  in_flight_[outgoing.id] = std::move(sent);
  return message;
}

// To one device alone, under its ratchet. Our sender key goes along: most ask because they do not have it.
Result<wa::Node> GroupFanOut::encrypt_for(const wa::Jid& device, const wa::Jid& participant, const wa::Jid& group,
                                          const Outgoing& outgoing, int retry_count) {
  wa::SignalState& signal = link_.device.signal();
  const wa::Group* known = link_.device.groups().find(group);
  const bool is_member = known && (known->member(device) || known->member(participant));
  const bool is_present = is_member || link_.device.is_own_user(device);
  if (!is_present) return fail(ErrorCode::ENCRYPTION_FAILED, "the device is not in the group");
  link_.device.groups().forget_key_holder(device);
  Bytes message = outgoing.message;
  if (signal.sender_keys().has(group, self())) {
    const auto distribution = signal.sender_keys().distribution(group, self());
    if (distribution) append(message, wa::encode_key_distribution(group, *distribution));
  }
  auto sealed = signal.encrypt(device, wa::pad(message, link_.env.random));
  if (!sealed) return fail(sealed.error());
  const bool introduces_us = sealed->type == wa::EncType::PkMsg;
  const wa::StanzaType& content = outgoing.type;
  wa::Node enc = wa::enc_node(sealed->type, std::move(sealed->bytes), content);
  enc.set_number("count", retry_count);
  wa::Group address;   // the group may be unknown by now; the participant tells how it names people
  address.jid = group;
  address.uses_lids = known ? known->uses_lids : participant.server == wa::Server::Lid;
  wa::Node node = group_message_node(address, outgoing.id, content);
  node.set("participant", participant);
  node.add(std::move(enc));
  if (introduces_us) {
    node.add(wa::Node("device-identity", {}, wa::device_identity_content(link_.device.row.account)));
  }
  return node;
}

void GroupFanOut::on_ack(const wa::Node& ack, store::WriteBatch& batch) {
  auto entry = in_flight_.extract(ack.attr("id"));
  if (entry.empty()) return;
  const InFlight& sent = entry.mapped();
  GroupBook& book = link_.device.groups();
  if (ack.has("error")) {
    const bool is_list_stale = ack.attr("error") == kOtherAddressing || ack.attr("error") == kStaleAddressing;
    return is_list_stale ? forget_members(sent.group) : book.set_stale(sent.group);
  }
  book.add_key_holders(sent.group, sent.devices);
  const std::string hash = ack.attr("phash");
  if (!hash.empty() && hash != sent.hash) {
    log::info("session", "{}: a group has other members or devices than we know", link_.session);
    forget_members(sent.group);
  }
  batch.run([session = link_.session, id = entry.key(), people = sent.people](store::Database& db) {
    store::message_receipts::set_audience(db, session, id, people);
  });
}

void GroupFanOut::forget_members(const wa::Jid& group) {
  if (const wa::Group* known = link_.device.groups().find(group)) {
    for (const wa::GroupMember& member : known->members) link_.device.addresses().forget_devices(member.jid);
  }
  link_.device.groups().set_stale(group);
}

}  // namespace konekwa::session
