#include "daemon/session/composer.h"

#include "daemon/session/content_fields.h"

namespace konekwa::session {
namespace {

struct Quoted {
  store::MessageRow row;
  std::optional<Bytes> wire;
  std::optional<store::MessageMediaRow> media;
};

// A person's chat has two names, and rows keep the one that was known when they were written.
bool is_same_chat(AddressBook& book, const std::string& a, const std::string& b) {
  const auto one = wa::Jid::parse(a), other = wa::Jid::parse(b);
  return a == b || (one && other && book.canonical(one->user_jid()) == book.canonical(other->user_jid()));
}

std::optional<Quoted> find_quoted(store::Database& db, const store::MessageRow& row, const std::string& id) {
  auto found = store::messages::find(db, id);
  for (const bool outbound : {false, true}) {
    if (!found) found = store::messages::find_by_wa_id(db, row.session, id, outbound);
  }
  if (!found || found->session != row.session) return std::nullopt;
  Quoted out{*found, store::message_wire::find(db, found->sequence), std::nullopt};
  if (!out.wire) out.media = store::message_media::find(db, found->sequence);
  return out;
}

}  // namespace

Result<FanOut::Outgoing> Composer::compose(const store::MessageRow& row) {
  const auto* media = needs_media(row) ? media_.find(row) : nullptr;
  auto content = content_of(row, media, quote_of(row), [this](const std::string& w) { return address_of(w); });
  if (!content) return fail(content.error());
  content->preview = previews_.find(row);
  if (const auto chat = wa::Jid::parse(row.chat_id)) timers_.put(*chat, *content);
  return FanOut::Outgoing{row.wa_message_id, wa::encode_content(*content, {}), wa::stanza_type(*content)};
}

std::optional<wa::Quote> Composer::quote_of(const store::MessageRow& row) {
  const std::string id = reply_target(row);
  if (id.empty()) return std::nullopt;
  auto found = link_.env.readers.get<std::optional<Quoted>>(
      [&](store::Database& db) { return find_quoted(db, row, id); });
  if (!found || !*found) return std::nullopt;   // gone since it was accepted: the answer goes without it
  const Quoted& quoted = **found;
  AddressBook& book = link_.device.addresses();
  if (!is_same_chat(book, quoted.row.chat_id, row.chat_id)) return std::nullopt;
  wa::Quote out;
  out.id = quoted.row.wa_message_id;
  const auto lid = wa::Jid::parse(quoted.row.sender_lid);
  const wa::Jid author = quoted.row.outbound ? link_.device.jid() : lid.value_or(wa::Jid::pn(quoted.row.sender));
  out.participant = to_string(book.canonical(author.user_jid()));
  if (quoted.wire) {
    out.message = wa::quoted_form(*quoted.wire);
  } else if (const auto said = content_of(quoted.row, quoted.media ? &*quoted.media : nullptr, std::nullopt,
                                          [](const std::string& written) { return written; })) {
    out.message = wa::quoted_form(wa::encode_content(*said, {}));
  }
  return out;
}

// Somebody who is mentioned, as the user wrote it.
std::string Composer::address_of(const std::string& written) {
  const auto jid = wa::Jid::parse(written.find('@') == std::string::npos ? written + "@s.whatsapp.net" : written);
  return jid ? to_string(jid->user_jid()) : written;
}

}  // namespace konekwa::session
