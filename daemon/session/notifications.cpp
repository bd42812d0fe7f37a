#include "daemon/session/notifications.h"

#include "common/log.h"
#include "daemon/session/restrictions.h"
#include "daemon/wa/account_notices.h"
#include "daemon/wa/device_list.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {

void Notifications::on_notification(const wa::Node& stanza) {
  struct Handler {
    const char* type;
    void (Notifications::*run)(const wa::Node&, store::WriteBatch&);
  };
  static constexpr Handler kHandlers[] = {
      {"encrypt", &Notifications::on_encrypt},
      {"devices", &Notifications::on_devices},
      {"account_sync", &Notifications::on_devices},
      {"privacy_token", &Notifications::on_privacy_token},
      {"mediaretry", &Notifications::on_media_retry},
      {"w:gp2", &Notifications::on_group},
      {"mex", &Notifications::on_mex},
  };
  store::WriteBatch batch;
  const std::string type = stanza.attr("type");
  for (const Handler& handler : kHandlers) {
    if (type == handler.type) (this->*handler.run)(stanza, batch);
  }
  link_.commit(std::move(batch), [this, ack = wa::ack_of(stanza)] { link_.send(ack); });
}

void Notifications::on_encrypt(const wa::Node& stanza, store::WriteBatch&) {
  const auto from = stanza.jid("from");
  if (!from) return;
  if (from->is_server()) {
    if (const wa::Node* count = stanza.child("count")) {
      prekeys_.on_count(static_cast<int>(count->number("value").value_or(0)));
    }
    if (stanza.child("digest") != nullptr) prekeys_.check_digest();
    return;
  }
  if (stanza.child("identity") != nullptr) forget_identity(*from);
}

// A contact has installed WhatsApp anew: every ratchet with its devices is of no use, and the list has changed too.
void Notifications::forget_identity(const wa::Jid& user) {
  if (link_.device.is_own_user(user)) return;
  AddressBook& book = link_.device.addresses();
  auto ids = book.devices(user.user_jid()).value_or(std::vector<std::uint16_t>{});
  if (std::find(ids.begin(), ids.end(), 0) == ids.end()) ids.push_back(0);
  for (const std::uint16_t id : ids) {
    const wa::Jid device = book.canonical(user.user_jid().with_device(id));
    link_.device.signal().delete_session(device);
    link_.device.signal().delete_identity(device);
    link_.device.groups().forget_key_holder(device);
  }
  book.forget_devices(user.user_jid());
  log::info("session", "{}: a contact has a new identity key", link_.session);
}

void Notifications::on_devices(const wa::Node& stanza, store::WriteBatch&) {
  const auto changed = wa::parse_devices_notification(stanza);
  if (!changed) return;
  AddressBook& book = link_.device.addresses();
  if (changed->lid) book.learn(changed->user, *changed->lid);
  for (const std::uint16_t id : changed->removed) {
    link_.device.signal().delete_session(book.canonical(changed->user.user_jid().with_device(id)));
  }
  book.forget_devices(changed->user.user_jid());
}

void Notifications::on_group(const wa::Node& stanza, store::WriteBatch&) {
  const auto notification = wa::parse_group_notification(stanza);
  if (!notification) return;
  link_.device.groups().apply(*notification, link_.device.jid(), link_.device.lid(), link_.now());
  const bool is_over_for_us = std::any_of(notification->changes.begin(), notification->changes.end(),
                                          [this](const wa::GroupChange& change) { return puts_us_out(change); });
  // Who is there when we come back must not read on with the key of before.
  if (is_over_for_us) {
    const wa::Jid self = link_.device.addresses().canonical(link_.device.jid());
    link_.device.signal().sender_keys().forget(notification->group, self);
  }
}

bool Notifications::puts_us_out(const wa::GroupChange& change) const {
  if (change.kind == wa::GroupChange::Kind::Deleted) return true;
  const auto is_own = [this](const wa::GroupMember& gone) { return link_.device.is_own_user(gone.jid); };
  return change.kind == wa::GroupChange::Kind::Removed &&
         std::any_of(change.members.begin(), change.members.end(), is_own);
}

void Notifications::on_mex(const wa::Node& stanza, store::WriteBatch& batch) {
  const auto lock = wa::parse_reachout_timelock(stanza);
  if (!lock) return;
  batch.run([session = link_.session, lock = *lock, now = link_.now()](store::Database& db) {
    if (!lock.is_active) return lift_restriction(db, session, kReachoutTimelock);
    put_restriction(db, session, {kReachoutTimelock, "new_contacts", 0, lock.ends_at}, now);
  });
}

void Notifications::on_media_retry(const wa::Node& stanza, store::WriteBatch&) { media_.on_media_retry(stanza); }

void Notifications::on_privacy_token(const wa::Node& stanza, store::WriteBatch& batch) {
  tokens_.receive(stanza, batch);
}

}  // namespace konekwa::session
