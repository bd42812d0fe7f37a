#include "daemon/session/inbound.h"

#include "common/id.h"
#include "common/log.h"
#include "daemon/events/event_log.h"
#include "daemon/session/content_fields.h"
#include "daemon/session/group_inbound.h"
#include "daemon/session/inbound_changes.h"

namespace konekwa::session {
namespace {

constexpr int kRetriesMax = 5;
constexpr std::size_t kRetryRecordsMax = 1000;

// ProtocolMessage.Type
constexpr int kHistorySyncNotification = 5;

bool is_chat(const wa::MessageInfo& info) { return info.from.is_person() || info.is_group; }

// Between devices, or of no use to whoever reads messages.
bool is_traffic(wa::Content::Kind kind) {
  using Kind = wa::Content::Kind;
  return kind == Kind::Protocol || kind == Kind::KeyDistribution || kind == Kind::PinOrKeep;
}

// A phone number where it is known, else the address as it came.
std::string readable(AddressBook& book, const std::string& text) {
  const auto jid = wa::Jid::parse(text);
  if (!jid || !jid->is_person()) return text;
  const wa::Jid phone = book.phone_form(*jid);
  return phone.server == wa::Server::Pn ? phone.user : to_string(phone);
}

// Under both names, the LID first.
std::vector<std::string> names_of(AddressBook& book, const wa::Jid& person) {
  const std::string lid = to_string(book.canonical(person.user_jid())), pn = to_string(book.phone_form(person));
  return lid == pn ? std::vector{lid} : std::vector{lid, pn};
}

}  // namespace

void Inbound::on_message(const wa::Node& stanza) {
  const auto info = wa::parse_message_info(stanza);
  if (!info) {
    log::warn("session", "{}: message not understood: {}", link_.session, info.error().text());
    link_.send(wa::ack_of(stanza, 487));
    return;
  }
  if (info->sender_alternate) link_.device.addresses().learn(info->sender, *info->sender_alternate);
  if (info->recipient && info->recipient_alternate) {
    link_.device.addresses().learn(*info->recipient, *info->recipient_alternate);
  }

  Opened opened = open(stanza, *info);
  if (opened.error) return judge(stanza, *info, std::move(opened));
  if (!opened.has_parts) {
    // Nothing in it is encrypted for us (an "unavailable" notice, a group's sender key): there is nothing to receive.
    link_.commit({}, [this, ack = wa::ack_of(stanza)] { link_.send(ack); });
    return;
  }
  accept(stanza, *info, opened.contents);
}

Inbound::Opened Inbound::open(const wa::Node& stanza, const wa::MessageInfo& info) {
  Opened out;
  const wa::Jid sender = link_.device.addresses().canonical(info.sender);
  for (const wa::Node* enc : encrypted_parts(stanza)) {
    const auto type = *wa::enc_type_from(enc->attr("type"));
    out.has_parts = true;
    const bool is_of_group = type == wa::EncType::SkMsg;
    const auto padded = is_of_group ? open_group_message(link_.device, info, enc->bytes())
                                    : link_.device.signal().decrypt(sender, type, enc->bytes());
    if (!padded) {
      out.is_duplicate |= padded.error().code == ErrorCode::DUPLICATE;
      if (!out.error) out.error = padded.error();
      continue;
    }
    if (link_.device.signal().identity_changed()) {
      log::info("session", "{}: a contact has a new identity key", link_.session);
      link_.device.addresses().forget_devices(sender);
      link_.device.groups().forget_key_holder(sender);
    }
    if (is_of_group) out.error.reset();   // what brought the sender's key was not needed
    const auto message = wa::unpad(*padded);
    auto content = message ? wa::parse_content(*message) : Result<wa::Content>(fail(message.error()));
    if (content) {
      if (content->sender_key) accept_sender_key(link_, info, *content->sender_key);
      out.contents.push_back(std::move(*content));
    } else {
      // The ratchet has moved and the sender cannot say it better: keep a trace instead of asking again.
      wa::Content damaged;
      damaged.type_name = "unreadable";
      out.contents.push_back(std::move(damaged));
    }
  }
  return out;
}

void Inbound::judge(const wa::Node& stanza, const wa::MessageInfo& info, Opened opened) {
  // An earlier copy may be on its way to disk: what was committed before this is, once an empty batch is.
  link_.commit({}, [this, stanza, info, opened = std::move(opened)] {
    // A used message key alone says little: a sender whose ratchet was put back uses keys again for new messages.
    // Only what the own phone tells its devices leaves no trace to look for.
    const bool is_repeated = is_seen(info) || (opened.is_duplicate && info.is_peer);
    return is_repeated ? accept(stanza, info, opened.contents) : refuse(stanza, info, *opened.error);
  });
}

void Inbound::accept(const wa::Node& stanza, const wa::MessageInfo& info, const std::vector<wa::Content>& contents) {
  retries_.erase(info.id);
  store::WriteBatch batch;
  bool has_row = false, has_media = false;
  for (const wa::Content& content : contents) {
    if (info.is_peer || !is_chat(info)) continue;
    timers_.learn(chat_of(info, content), content, batch);
    if (is_traffic(content.kind)) continue;
    has_row |= !is_deed(content.kind);
    has_media |= content.media.has_value();
    is_deed(content.kind) ? add_deed(batch, info, content) : add_row(batch, info, content);
  }
  const bool is_read_at_once = has_row && !link_.device.is_own_user(info.sender) && link_.switches.auto_read;
  std::vector<wa::Node> receipts = {settling(stanza, info, receipt_kind(info, contents))};
  if (is_read_at_once) receipts.push_back(wa::read_receipt(stanza, link_.now()));
  link_.commit(std::move(batch), [this, receipts = std::move(receipts), has_media] {
    for (const wa::Node& receipt : receipts) link_.send(receipt);
    if (has_media) media_.wake();
  });
}

// What settles the message at the server. Status and channels are not received by this version; an ack keeps the
// server from repeating them.
wa::Node Inbound::settling(const wa::Node& stanza, const wa::MessageInfo& info, wa::ReceiptKind kind) {
  return is_chat(info) ? wa::delivery_receipt(stanza, kind) : wa::ack_of(stanza);
}

void Inbound::refuse(const wa::Node& stanza, const wa::MessageInfo& info, const Error& why) {
  if (!is_chat(info)) {
    link_.commit({}, [this, ack = wa::ack_of(stanza)] { link_.send(ack); });
    return;
  }
  if (retries_.size() >= kRetryRecordsMax) retries_.clear();
  const int count = ++retries_[info.id];
  log::warn("session", "{}: message {} not decrypted (try {}): {}", link_.session, info.id, count, why.text());
  if (count > kRetriesMax) {
    wa::Content lost;
    lost.type_name = "undecryptable";
    store::WriteBatch batch;
    if (!info.is_peer) add_row(batch, info, lost);
    link_.commit(std::move(batch), [this, ack = wa::ack_of(stanza)] { link_.send(ack); });
    return;
  }
  // With a prekey, so that the sender can begin a ratchet anew; without one the first time, when it may be enough to
  // encrypt again. Having no ratchet at all leaves nothing to encrypt with.
  store::WriteBatch batch;
  std::optional<wa::RetryKeys> keys;
  if (count > 1 || why.code == ErrorCode::NO_SESSION) keys = prekeys_.keys_for_retry(batch);
  wa::Node receipt = wa::retry_receipt(stanza, count, link_.device.signal().device(), keys);
  link_.commit(std::move(batch), [this, receipt = std::move(receipt), ack = wa::ack_of(stanza)] {
    link_.send(receipt);
    link_.send(ack);
  });
}

wa::Jid Inbound::chat_of(const wa::MessageInfo& info, const wa::Content& content) {
  if (info.is_group) return info.from.user_jid();
  const wa::Jid sender = info.sender.user_jid();
  if (!link_.device.is_own_user(sender)) return sender;
  return info.recipient ? info.recipient->user_jid() : content.sent_to.value_or(sender).user_jid();
}

store::MessageRow Inbound::row_of(const wa::MessageInfo& info, const wa::Content& content) {
  AddressBook& book = link_.device.addresses();
  const bool is_own = link_.device.is_own_user(info.sender);
  const wa::Jid chat_by_number = book.phone_form(chat_of(info, content));

  store::MessageRow row;
  row.session = link_.session;
  row.outbound = is_own;
  row.state = is_own ? store::MessageState::SENT : store::MessageState::RECEIVED;
  row.source = is_own ? "phone" : "";
  row.chat_id = to_string(chat_by_number);
  row.recipient = is_own ? chat_by_number.user : link_.device.jid().user;
  if (is_own && info.is_group) row.recipient = row.chat_id;   // as the API names a group
  const wa::Jid sender = book.phone_form(info.sender);
  if (sender.server == wa::Server::Pn) row.sender = sender.user;
  const wa::Jid sender_lid = book.canonical(info.sender.user_jid());
  if (sender_lid.server == wa::Server::Lid) row.sender_lid = to_string(sender_lid);
  row.sender_name = info.push_name;
  describe(content, [&book](const std::string& jid) { return readable(book, jid); }, row);
  row.wa_message_id = info.id;
  row.offline = info.is_offline;
  row.created_at = info.at;
  if (is_own) row.sent_at = info.at;
  return row;
}

void Inbound::add_row(store::WriteBatch& batch, const wa::MessageInfo& info, const wa::Content& content) {
  batch.run([row = row_of(info, content), media = media_row_of(content, link_.session, link_.now()),
             wire = content.message, chat = seen_chat(info), sender = seen_sender(info), now = link_.now(),
             &random = link_.env.random](store::Database& db) mutable {
    if (!store::messages::mark_seen(db, row.session, chat, sender, row.wa_message_id, now)) return;
    const auto session = store::sessions::find(db, row.session);
    if (!session) return;
    row.tenant = session->tenant;
    row.id = new_ordered_id("msg_", now, random);
    row.sequence = store::messages::insert(db, row);
    if (!wire.empty()) store::message_wire::put(db, row.sequence, wire);
    if (media) {
      media->message = row.sequence;
      store::message_media::put(db, *media);
    }
    if (row.outbound) {
      events::message_changed(db, row, now, random);
    } else {
      events::message_received(db, row, now, random);
    }
  });
}

void Inbound::add_deed(store::WriteBatch& batch, const wa::MessageInfo& info, const wa::Content& content) {
  AddressBook& book = link_.device.addresses();
  const store::MessageRow row = row_of(info, content);
  Deed deed;
  deed.session = link_.session;
  deed.chat_id = row.chat_id;
  deed.wa_message_id = info.id;
  deed.sender = row.sender;
  deed.sender_lid = row.sender_lid;
  deed.sender_name = row.sender_name;
  deed.is_own = row.outbound;
  deed.chat_names = names_of(book, chat_of(info, content));
  deed.sender_jids = names_of(book, info.sender);
  deed.own_jids = names_of(book, link_.device.jid());
  deed.at = info.at;
  batch.run([deed, content, chat = seen_chat(info), sender = seen_sender(info), now = link_.now(),
             &random = link_.env.random](store::Database& db) {
    if (!store::messages::mark_seen(db, deed.session, chat, sender, deed.wa_message_id, now)) return;
    record_deed(db, deed, content, now, random);
  });
}

wa::ReceiptKind Inbound::receipt_kind(const wa::MessageInfo& info, const std::vector<wa::Content>& contents) {
  if (info.is_peer) {
    const bool is_history = std::any_of(contents.begin(), contents.end(), [](const wa::Content& content) {
      return content.protocol_type == kHistorySyncNotification;
    });
    return is_history ? wa::ReceiptKind::HistorySync : wa::ReceiptKind::PeerMessage;
  }
  if (link_.device.is_own_user(info.sender)) return wa::ReceiptKind::Sender;
  // We are never "available", so that the owner's phone goes on ringing; WhatsApp Web says inactive then.
  return wa::ReceiptKind::Inactive;
}

std::string Inbound::seen_chat(const wa::MessageInfo& info) {
  return to_string(link_.device.addresses().canonical(info.recipient.value_or(info.from).user_jid()));
}

std::string Inbound::seen_sender(const wa::MessageInfo& info) {
  return to_string(link_.device.addresses().canonical(info.sender.user_jid()));
}

bool Inbound::is_seen(const wa::MessageInfo& info) {
  const auto seen = link_.env.readers.get<bool>([&](store::Database& db) {
    return store::messages::is_seen(db, link_.session, seen_chat(info), seen_sender(info), info.id);
  });
  return seen && *seen;
}

}  // namespace konekwa::session
