#include "daemon/session/group_receipts.h"

#include "daemon/events/event_log.h"
#include "daemon/session/own_deeds.h"
#include "daemon/store/groups.h"
#include "daemon/store/messages.h"
#include "daemon/wa/groups.h"

namespace konekwa::session {
namespace {

using Kind = wa::ReceiptKind;

struct Reader {
  std::string name;   // one for an account, whichever of its addresses the receipt had
  Time at{};
};

std::vector<Reader> readers_of(const Link& link, const wa::Receipt& receipt, const wa::GroupReaders& several) {
  std::vector<Reader> out;
  const auto add = [&](const wa::Jid& jid, Time at) {
    // Our own other devices tell us that they have a copy; that is no delivery.
    if (!jid.is_person() || link.device.is_own_user(jid)) return;
    out.push_back({to_string(link.device.addresses().canonical(jid.user_jid())), at});
  };
  if (receipt.participant) add(*receipt.participant, receipt.at);
  for (const auto& reader : several.readers) add(reader.jid, reader.at.value_or(receipt.at));
  return out;
}

// What the row becomes, when this receipt is the first of its kind.
std::optional<store::MessageRow> record_one(store::Database& db, const store::MessageRow& row, Kind kind,
                                            const Reader& reader) {
  if (kind == Kind::Inactive) {
    store::messages::set_inactive_receipt(db, row.session, row.wa_message_id);
    return std::nullopt;
  }
  if (kind == Kind::Delivered) {
    store::message_receipts::add_delivered(db, row.sequence, reader.name, reader.at);
    return store::messages::set_delivered(db, row.session, row.wa_message_id, reader.at);
  }
  store::message_receipts::add_read(db, row.sequence, reader.name, reader.at);
  return store::messages::set_read(db, row.session, row.wa_message_id, reader.at);
}

}  // namespace

void record_group_receipt(const Link& link, const wa::Node& stanza, const wa::Receipt& receipt,
                          store::WriteBatch& batch) {
  const auto several = wa::parse_group_readers(stanza);
  const auto readers = readers_of(link, receipt, several.value_or(wa::GroupReaders{}));
  if (readers.empty()) return;
  const auto ids = several ? std::vector{several->message_id} : receipt.message_ids;
  batch.run([session = link.session, ids, chat = to_string(receipt.from.user_jid()),
             kind = receipt.kind, readers, now = link.now(), &random = link.env.random](store::Database& db) {
    for (const std::string& id : ids) {
      const auto row = store::messages::find_by_wa_id(db, session, id, true);
      if (!row || row->chat_id != chat) continue;
      for (const Reader& reader : readers) {
        const auto changed = record_one(db, *row, kind, reader);
        if (!changed) continue;
        events::message_changed(db, *changed, now, random);
        apply_if_overtaken(db, *changed, reader.at);
      }
    }
  });
}

}  // namespace konekwa::session
