#include "daemon/session/outbound_receipts.h"

#include "common/log.h"
#include "daemon/events/event_log.h"
#include "daemon/session/group_fan_out.h"
#include "daemon/session/group_receipts.h"
#include "daemon/session/own_deeds.h"

namespace konekwa::session {
namespace {

constexpr int kResendsMax = 5;
constexpr std::size_t kResendRecordsMax = 1000;

}  // namespace

void OutboundReceipts::on_receipt(const wa::Node& stanza) {
  const auto receipt = wa::parse_receipt(stanza, link_.now());
  if (!receipt) return acknowledge(stanza);
  if (receipt->kind == wa::ReceiptKind::Retry) return on_retry(stanza);
  record(stanza, *receipt);
}

void OutboundReceipts::acknowledge(const wa::Node& stanza) {
  link_.commit({}, [this, ack = wa::ack_of(stanza)] { link_.send(ack); });
}

void OutboundReceipts::record(const wa::Node& stanza, const wa::Receipt& receipt) {
  using Kind = wa::ReceiptKind;
  const Kind kind = receipt.kind;
  const bool is_of_interest =
      kind == Kind::Delivered || kind == Kind::Inactive || kind == Kind::Read || kind == Kind::Played;
  if (is_of_interest && receipt.from.server == wa::Server::Group) return record_in_group(stanza, receipt);
  // Our own other devices tell us that they have a copy; that is no delivery.
  if (!is_of_interest || link_.device.is_own_user(receipt.from)) return acknowledge(stanza);

  AddressBook& book = link_.device.addresses();
  const std::set<std::string> chats = {to_string(book.phone_form(receipt.from)),
                                       to_string(book.canonical(receipt.from.user_jid()))};
  store::WriteBatch batch;
  batch.run([session = link_.session, receipt, chats, now = link_.now(),
             &random = link_.env.random](store::Database& db) {
    for (const std::string& id : receipt.message_ids) {
      // Nobody has read what went to somebody else.
      const auto sent = store::messages::find_by_wa_id(db, session, id, true);
      if (!sent || !chats.contains(sent->chat_id)) continue;
      if (receipt.kind == Kind::Inactive) {
        store::messages::set_inactive_receipt(db, session, id);
        continue;
      }
      const auto row = receipt.kind == Kind::Delivered ? store::messages::set_delivered(db, session, id, receipt.at)
                                                       : store::messages::set_read(db, session, id, receipt.at);
      if (!row) continue;
      events::message_changed(db, *row, now, random);
      apply_if_overtaken(db, *row, receipt.at);
    }
  });
  link_.commit(std::move(batch), [this, ack = wa::ack_of(stanza)] { link_.send(ack); });
}

void OutboundReceipts::record_in_group(const wa::Node& stanza, const wa::Receipt& receipt) {
  store::WriteBatch batch;
  record_group_receipt(link_, stanza, receipt, batch);
  link_.commit(std::move(batch), [this, ack = wa::ack_of(stanza)] { link_.send(ack); });
}

void OutboundReceipts::on_retry(const wa::Node& stanza) {
  const auto request = wa::parse_retry_receipt(stanza);
  if (!request) {
    log::warn("session", "{}: retry receipt not understood: {}", link_.session, request.error().text());
    return acknowledge(stanza);
  }
  const auto row = link_.env.readers.get<std::optional<store::MessageRow>>([&](store::Database& db) {
    return store::messages::find_by_wa_id(db, link_.session, request->message_id, true);
  });
  if (!row || !row->has_value() || !(*row)->source.empty()) return acknowledge(stanza);  // not one of ours

  const wa::Jid device = link_.device.addresses().canonical(request->requester);
  const auto chat = wa::Jid::parse((*row)->chat_id);
  if (!chat || !is_of_chat(device, *chat)) {
    log::warn("session", "{}: a device asked for a message of a chat that it is not in", link_.session);
    return acknowledge(stanza);
  }
  if (resends_.size() >= kResendRecordsMax) resends_.clear();
  Resends& resends = resends_[{request->message_id, device}];
  // The server may tell a receipt twice. Its prekey is for one ratchet only, and what it asked for is on its way.
  if (resends.times > 0 && static_cast<int>(request->count) == resends.last_count) return acknowledge(stanza);
  resends.last_count = static_cast<int>(request->count);
  if (++resends.times > kResendsMax || request->count > kResendsMax) {
    log::warn("session", "{}: device {} asked too often for {}", link_.session, device.device, request->message_id);
    return acknowledge(stanza);
  }
  auto answer = alive_.guard([this, stanza, request = *request, device, row = **row] {
    renew_ratchet(request, device, [this, stanza, request, row] { resend(stanza, request, row); });
  });
  if (chat->server != wa::Server::Group || link_.device.groups().find(*chat)) return answer();
  fan_out_.groups().query().fetch(*chat, [answer](const Result<>&) { answer(); });
}

// Whoever has heard the name of a message can ask for it; only whom it went to gets it. Of a group GroupFanOut knows
// who is in it.
bool OutboundReceipts::is_of_chat(const wa::Jid& device, const wa::Jid& chat) {
  AddressBook& book = link_.device.addresses();
  return chat.server == wa::Server::Group || link_.device.is_own_user(device) ||
         book.canonical(chat.user_jid()) == book.canonical(device.user_jid());
}

// The requester could not use what we encrypted. Its bundle, when it sent one, begins a new ratchet; without one a
// changed registration id or a second failure says that ours is of no use.
void OutboundReceipts::renew_ratchet(const wa::RetryRequest& request, const wa::Jid& device, Task then) {
  wa::SignalState& signal = link_.device.signal();
  if (request.bundle) {
    // Told again, because our answer or its ack was lost: the ratchets know what they were begun from.
    if (signal.has_begun_from(device, *request.bundle)) return then();
    const Result<> started = signal.start_session(device, *request.bundle);
    if (!started) log::warn("session", "{}: bundle in a retry receipt: {}", link_.session, started.error().text());
    return then();
  }
  const auto known_id = signal.remote_registration_id(device);
  const bool is_other_installation = known_id && *known_id != request.registration_id;
  if (is_other_installation || request.count > 1) signal.delete_session(device);
  if (signal.has_session(device)) return then();
  fan_out_.fetch_keys({device}, is_other_installation,
                      alive_.guard([then = std::move(then)](const Result<>&) { then(); }));
}

void OutboundReceipts::resend(const wa::Node& stanza, const wa::RetryRequest& request, const store::MessageRow& row) {
  const wa::Jid device = link_.device.addresses().canonical(request.requester);
  const auto chat = wa::Jid::parse(row.chat_id);
  const auto outgoing = composer_.compose(row);
  auto message = chat && outgoing
                     ? fan_out_.encrypt_for(device, request.requester, *chat, *outgoing, request.count)
                     : Result<wa::Node>(fail(outgoing ? Error(ErrorCode::ENCRYPTION_FAILED) : outgoing.error()));
  if (!message) {
    log::warn("session", "{}: {} not encrypted again: {}", link_.session, row.wa_message_id, message.error().text());
    return acknowledge(stanza);
  }
  link_.commit({}, [this, message = std::move(*message), ack = wa::ack_of(stanza)] {
    link_.send(message);
    link_.send(ack);
  });
}

}  // namespace konekwa::session
