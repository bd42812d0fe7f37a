#include "daemon/store/devices.h"

#include "common/error.h"

namespace konekwa::store::devices {
namespace {

DeviceRow device_from(const std::string& session, const Row& row) {
  DeviceRow out;
  out.session = session;
  out.jid = row.text(0);
  out.lid = row.text(1);
  out.noise_private = row.blob(2);
  out.identity_private = row.blob(3);
  out.registration_id = static_cast<std::uint32_t>(row.integer(4));
  out.signed_prekey_id = static_cast<std::uint32_t>(row.integer(5));
  out.signed_prekey_private = row.blob(6);
  out.signed_prekey_signature = row.blob(7);
  out.adv_secret = row.blob(8);
  out.account = row.blob(9);
  out.next_prekey_id = static_cast<std::uint32_t>(row.integer(10));
  out.platform = row.text(11);
  out.business_name = row.text(12);
  out.routing_info = row.blob(13);
  return out;
}

Bytes pack(const std::vector<std::uint16_t>& ids) {
  Bytes out;
  for (const std::uint16_t id : ids) append(out, big_endian(id, 2));
  return out;
}

std::vector<std::uint16_t> unpack(ByteView packed) {
  std::vector<std::uint16_t> out;
  for (; packed.size() >= 2; packed = packed.subspan(2)) {
    out.push_back(static_cast<std::uint16_t>(read_big_endian(packed.first(2))));
  }
  return out;
}

std::optional<std::string> find_text(Database& db, std::string_view sql, const std::string& session,
                                     const std::string& key) {
  std::optional<std::string> out;
  db.query_one(sql, {session, key}, [&](const Row& row) { out = row.text(0); });
  return out;
}

}  // namespace

std::optional<DeviceRow> find(Database& db, const std::string& session) {
  std::optional<DeviceRow> out;
  db.query_one(
      "SELECT jid, lid, noise_private, identity_private, registration_id, signed_prekey_id, signed_prekey_private,"
      " signed_prekey_signature, adv_secret, account, next_prekey_id, platform, business_name, routing_info"
      " FROM devices WHERE session = ?",
      {session}, [&](const Row& row) { out = device_from(session, row); });
  return out;
}

void save(Database& db, const DeviceRow& row) {
  db.execute(
      "INSERT OR REPLACE INTO devices (session, jid, lid, noise_private, identity_private, registration_id,"
      " signed_prekey_id, signed_prekey_private, signed_prekey_signature, adv_secret, account, next_prekey_id,"
      " platform, business_name, routing_info) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {row.session, row.jid, row.lid, row.noise_private, row.identity_private, row.registration_id,
       row.signed_prekey_id, row.signed_prekey_private, row.signed_prekey_signature, row.adv_secret, row.account,
       row.next_prekey_id, row.platform, row.business_name, row.routing_info});
}

void erase(Database& db, const std::string& session) {
  db.execute("DELETE FROM devices WHERE session = ?", {session});
  db.execute("DELETE FROM signal_rows WHERE session = ?", {session});
  db.execute("DELETE FROM lids WHERE session = ?", {session});
  db.execute("DELETE FROM device_lists WHERE session = ?", {session});
  db.execute("DELETE FROM privacy_tokens WHERE session = ?", {session});
  db.execute("DELETE FROM sender_key_holders WHERE session = ?", {session});
  db.execute("DELETE FROM groups WHERE session = ?", {session});
  db.execute("DELETE FROM chat_timers WHERE session = ?", {session});
}

void set_next_prekey_id(Database& db, const std::string& session, std::uint32_t id) {
  db.execute("UPDATE devices SET next_prekey_id = ? WHERE session = ?", {id, session});
}

void set_routing_info(Database& db, const std::string& session, ByteView info) {
  db.execute("UPDATE devices SET routing_info = ? WHERE session = ?", {info, session});
}

std::optional<Bytes> find_signal(Database& db, const std::string& session, int kind, const std::string& key) {
  std::optional<Bytes> out;
  db.query_one("SELECT value FROM signal_rows WHERE session = ? AND key = ? AND kind = ?", {session, key, kind},
               [&](const Row& row) { out = row.blob(0); });
  return out;
}

void put_signal(Database& db, const std::string& session, int kind, const std::string& key,
                const std::optional<Bytes>& value) {
  if (!value) {
    db.execute("DELETE FROM signal_rows WHERE session = ? AND key = ? AND kind = ?", {session, key, kind});
    return;
  }
  db.execute(
      "INSERT INTO signal_rows (session, key, kind, value) VALUES (?, ?, ?, ?)"
      " ON CONFLICT (session, key, kind) DO UPDATE SET value = excluded.value",
      {session, key, kind, value});
}

void erase_signal_of_user(Database& db, const std::string& session, const std::string& address_prefix) {
  KONEKWA_ASSERT(!address_prefix.empty());
  std::string end = address_prefix;   // the first text behind all that begin with the prefix
  ++end.back();
  db.execute("DELETE FROM signal_rows WHERE session = ? AND key >= ? AND key < ?", {session, address_prefix, end});
}

void put_lid(Database& db, const std::string& session, const std::string& lid, const std::string& pn) {
  // Replaces what either of the two was mapped to.
  db.execute("INSERT OR REPLACE INTO lids (session, lid, pn) VALUES (?, ?, ?)", {session, lid, pn});
}

std::optional<std::string> lid_of(Database& db, const std::string& session, const std::string& pn) {
  return find_text(db, "SELECT lid FROM lids WHERE session = ? AND pn = ?", session, pn);
}

std::optional<std::string> pn_of(Database& db, const std::string& session, const std::string& lid) {
  return find_text(db, "SELECT pn FROM lids WHERE session = ? AND lid = ?", session, lid);
}

std::optional<std::vector<std::uint16_t>> find_list(Database& db, const std::string& session, const std::string& user) {
  std::optional<std::vector<std::uint16_t>> out;
  db.query_one("SELECT device_ids FROM device_lists WHERE session = ? AND user = ?", {session, user},
               [&](const Row& row) { out = unpack(row.blob(0)); });
  return out;
}

void put_list(Database& db, const std::string& session, const std::string& user,
              const std::vector<std::uint16_t>& device_ids, Time now) {
  db.execute("INSERT OR REPLACE INTO device_lists (session, user, device_ids, fetched_at) VALUES (?, ?, ?, ?)",
             {session, user, pack(device_ids), now});
}

void erase_list(Database& db, const std::string& session, const std::string& user) {
  db.execute("DELETE FROM device_lists WHERE session = ? AND user = ?", {session, user});
}

std::optional<PrivacyToken> find_privacy_token(Database& db, const std::string& session, const std::string& user) {
  std::optional<PrivacyToken> out;
  db.query_one("SELECT token, received_at, issued_at FROM privacy_tokens WHERE session = ? AND user = ?",
               {session, user}, [&](const Row& row) {
                 out = PrivacyToken{row.blob(0), row.optional_time(1), row.optional_time(2)};
               });
  return out;
}

void put_privacy_token(Database& db, const std::string& session, const std::string& user, ByteView token, Time at) {
  // Notifications may come late and out of order: an older token does not displace a newer one.
  db.execute(
      "INSERT INTO privacy_tokens (session, user, token, received_at) VALUES (?, ?, ?, ?)"
      " ON CONFLICT (session, user) DO UPDATE SET token = excluded.token, received_at = excluded.received_at"
      " WHERE received_at IS NULL OR received_at <= excluded.received_at",
      {session, user, token, at});
}

void set_privacy_token_issued(Database& db, const std::string& session, const std::string& user, Time at) {
  db.execute(
      "INSERT INTO privacy_tokens (session, user, token, issued_at) VALUES (?, ?, x'', ?)"
      " ON CONFLICT (session, user) DO UPDATE SET issued_at = excluded.issued_at",
      {session, user, at});
}

}  // namespace konekwa::store::devices
