#include "daemon/session/own_row.h"

#include "daemon/events/event_log.h"
#include "daemon/session/restrictions.h"

namespace konekwa::session {

Result<std::optional<store::SessionRow>> OwnRow::read() const {
  return env_.readers.get<std::optional<store::SessionRow>>(
      [this](store::Database& db) { return store::sessions::find(db, id_); });
}

// A linked session keeps to the network that it was linked to.
wa::Endpoint OwnRow::endpoint_of(const store::SessionRow& row, bool is_linked) const {
  wa::Endpoint out = env_.options.endpoint;
  if (is_linked && !row.endpoint_url.empty()) {
    const auto key = from_hex(row.endpoint_root_key);
    const wa::Key root_key = key ? to_array<32>(*key).value_or(wa::Key{}) : wa::Key{};
    out = {row.endpoint_url, root_key, row.endpoint_ca_file};
  }
  out.proxy_url = row.proxy_url;
  return out;
}

void OwnRow::put_status(store::WriteBatch& batch, store::SessionStatus status, const std::string& reason,
                        int wa_code) const {
  batch.run([id = id_, status, reason, wa_code, now = env_.loop.now(), &random = env_.random](store::Database& db) {
    events::change_status(db, id, status, reason, wa_code, now, random);
  });
}

void OwnRow::put_code(store::WriteBatch& batch, const QrCode& code) const {
  put_status(batch, store::SessionStatus::WAITING_QR, "", 0);
  batch.run([id = id_, code, now = env_.loop.now(), &random = env_.random](store::Database& db) {
    events::session_qr(db, id, {code.text, code.sequence, code.expires_at, code.remaining_codes}, now, random);
  });
}

void OwnRow::put_linked(store::WriteBatch& batch, const wa::PairSuccess& success, const wa::Endpoint& endpoint) const {
  batch.run([id = id_, number = success.jid.user, name = success.business_name, endpoint](store::Database& db) {
    store::sessions::set_linked(db, id, number, name);
    store::sessions::set_endpoint(db, id, endpoint.url, to_hex(endpoint.root_key), endpoint.ca_file);
  });
  put_status(batch, store::SessionStatus::CONNECTING, "", 0);
}

void OwnRow::put_ban(store::WriteBatch& batch, const Ending& ending) const {
  const Time now = env_.loop.now();
  Restriction ban{kTemporaryBan, "account", ending.wa_code, std::nullopt};
  if (ending.banned_for) ban.until = now + *ending.banned_for;
  batch.run([id = id_, ban, now](store::Database& db) { put_restriction(db, id, ban, now); });
}

}  // namespace konekwa::session
