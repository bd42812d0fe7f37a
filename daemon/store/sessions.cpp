#include "daemon/store/sessions.h"

#include "daemon/store/words.h"

namespace konekwa::store {
namespace {

constexpr std::array<std::string_view, 10> kStatusWords = {
    "CREATED",      "CONNECTING", "WAITING_QR", "PASSKEY_REQUIRED", "CONNECTED",
    "DISCONNECTED", "LOGGED_OUT", "BANNED",     "CLIENT_OUTDATED",  "FAILED"};

constexpr const char* kSelect =
    "SELECT id, tenant, name, status, status_reason, phone_number, push_name, webhook_message, webhook_status,"
    " webhook_secret, endpoint_url, endpoint_root_key, endpoint_ca_file, id_was_chosen, wants_connection, created_at,"
    " updated_at, connected_at, disconnected_at, webhook_secret_previous, webhook_secret_previous_until, proxy_url,"
    " auto_read, auto_typing, restrictions FROM sessions ";

SessionRow session_from(const Row& row) {
  SessionRow out;
  out.id = row.text(0);
  out.tenant = row.text(1);
  out.name = row.text(2);
  out.status = stored_enum<SessionStatus>(kStatusWords, row.text(3));
  out.status_reason = row.text(4);
  out.phone_number = row.text(5);
  out.push_name = row.text(6);
  out.webhook_message = row.text(7);
  out.webhook_status = row.text(8);
  out.webhook_secret = row.text(9);
  out.endpoint_url = row.text(10);
  out.endpoint_root_key = row.text(11);
  out.endpoint_ca_file = row.text(12);
  out.id_was_chosen = row.integer(13) != 0;
  out.wants_connection = row.integer(14) != 0;
  out.created_at = row.time(15);
  out.updated_at = row.time(16);
  out.connected_at = row.optional_time(17);
  out.disconnected_at = row.optional_time(18);
  out.webhook_secret_previous = row.text(19);
  out.webhook_secret_previous_until = row.optional_time(20);
  out.proxy_url = row.text(21);
  out.auto_read = row.integer(22) != 0;
  out.auto_typing = row.integer(23) != 0;
  out.restrictions = row.text(24);
  return out;
}

}  // namespace

std::string_view to_string(SessionStatus status) { return kStatusWords[static_cast<std::size_t>(status)]; }

std::optional<SessionStatus> session_status_from(std::string_view text) {
  return enum_of<SessionStatus>(kStatusWords, text);
}

namespace sessions {

void insert(Database& db, const SessionRow& row) {
  db.execute(
      "INSERT INTO sessions (id, tenant, name, status, status_reason, phone_number, push_name, webhook_message,"
      " webhook_status, webhook_secret, endpoint_url, endpoint_root_key, endpoint_ca_file, id_was_chosen,"
      " wants_connection, created_at, updated_at, connected_at, disconnected_at, proxy_url, auto_read, auto_typing)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {row.id, row.tenant, row.name, to_string(row.status), row.status_reason, row.phone_number, row.push_name,
       row.webhook_message, row.webhook_status, row.webhook_secret, row.endpoint_url, row.endpoint_root_key,
       row.endpoint_ca_file, row.id_was_chosen, row.wants_connection, row.created_at, row.updated_at, row.connected_at,
       row.disconnected_at, row.proxy_url, row.auto_read, row.auto_typing});
}

std::optional<SessionRow> find(Database& db, const std::string& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ?";
  std::optional<SessionRow> out;
  db.query_one(sql, {id}, [&](const Row& row) { out = session_from(row); });
  return out;
}

bool exists(Database& db, const std::string& id) {
  return db.integer("SELECT 1 FROM sessions WHERE id = ?", {id}).has_value();
}

std::vector<SessionRow> list(Database& db, const std::string& tenant, const std::vector<std::string>& allowed) {
  std::string sql = std::string(kSelect) + "WHERE 1 = 1";
  std::vector<Value> values;
  if (!tenant.empty()) {
    sql += " AND tenant = ?";
    values.emplace_back(tenant);
  }
  if (!allowed.empty()) {
    sql += " AND id IN (SELECT value FROM json_each(?))";
    values.emplace_back(json_list(allowed));
  }
  std::vector<SessionRow> out;
  db.query_list(sql + " ORDER BY position DESC", values, [&](const Row& row) { out.push_back(session_from(row)); });
  return out;
}

std::vector<std::string> ids_to_connect(Database& db) {
  std::vector<std::string> out;
  db.query("SELECT id FROM sessions WHERE wants_connection = 1 ORDER BY position", {},
           [&](const Row& row) { out.push_back(row.text(0)); });
  return out;
}

Totals totals(Database& db) {
  Totals out;
  db.query_one("SELECT count(*), count(*) FILTER (WHERE status = 'CONNECTED') FROM sessions", {}, [&](const Row& row) {
    out = Totals{row.integer(0), row.integer(1)};
  });
  return out;
}

std::vector<std::pair<SessionStatus, std::int64_t>> count_by_status(Database& db) {
  std::vector<std::pair<SessionStatus, std::int64_t>> out;
  db.query("SELECT status, count(*) FROM sessions GROUP BY status ORDER BY status", {}, [&](const Row& row) {
    out.emplace_back(stored_enum<SessionStatus>(kStatusWords, row.text(0)), row.integer(1));
  });
  return out;
}

std::int64_t count_waiting_messages(Database& db) {
  return db.integer("SELECT sum(queued) FROM sessions").value_or(0);
}

bool set_status(Database& db, const std::string& id, SessionStatus status, const std::string& reason, Time now) {
  // The expressions see the row as it was before.
  return db.execute(
             "UPDATE sessions SET status = ?1, status_reason = ?2, updated_at = ?3,"
             " connected_at = iif(?1 = 'CONNECTED' AND status <> 'CONNECTED', ?3, connected_at),"
             " disconnected_at = iif(?1 <> 'CONNECTED' AND status = 'CONNECTED', ?3, disconnected_at)"
             " WHERE id = ?4 AND (status <> ?1 OR status_reason <> ?2)",
             {to_string(status), reason, now, id}) > 0;
}

void set_wants_connection(Database& db, const std::string& id, bool wanted) {
  db.execute("UPDATE sessions SET wants_connection = ? WHERE id = ?", {wanted, id});
}

void set_linked(Database& db, const std::string& id, const std::string& phone_number, const std::string& push_name) {
  db.execute("UPDATE sessions SET phone_number = ?, push_name = ? WHERE id = ?", {phone_number, push_name, id});
}

void set_endpoint(Database& db, const std::string& id, const std::string& url, const std::string& root_key_hex,
                  const std::string& ca_file) {
  db.execute("UPDATE sessions SET endpoint_url = ?, endpoint_root_key = ?, endpoint_ca_file = ? WHERE id = ?",
             {url, root_key_hex, ca_file, id});
}

void set_webhooks(Database& db, const std::string& id, const std::string& message_url, const std::string& status_url) {
  db.execute("UPDATE sessions SET webhook_message = ?, webhook_status = ? WHERE id = ?", {message_url, status_url, id});
}

void rotate_webhook_secret(Database& db, const std::string& id, const std::string& secret, Time previous_until) {
  db.execute("UPDATE sessions SET webhook_secret_previous = webhook_secret, webhook_secret_previous_until = ?,"
             " webhook_secret = ? WHERE id = ?", {previous_until, secret, id});
}

void set_name(Database& db, const std::string& id, const std::string& name, Time now) {
  db.execute("UPDATE sessions SET name = ?, updated_at = ? WHERE id = ?", {name, now, id});
}

void set_proxy(Database& db, const std::string& id, const std::string& proxy_url, Time now) {
  db.execute("UPDATE sessions SET proxy_url = ?, updated_at = ? WHERE id = ?", {proxy_url, now, id});
}

void set_settings(Database& db, const std::string& id, bool auto_read, bool auto_typing, Time now) {
  db.execute("UPDATE sessions SET auto_read = ?, auto_typing = ?, updated_at = ? WHERE id = ?",
             {auto_read, auto_typing, now, id});
}

void set_restrictions(Database& db, const std::string& id, const std::string& restrictions) {
  db.execute("UPDATE sessions SET restrictions = ? WHERE id = ?", {restrictions, id});
}

void unlink(Database& db, const std::string& id) {
  db.execute("UPDATE sessions SET phone_number = '', push_name = '', endpoint_url = '', endpoint_root_key = '',"
             " endpoint_ca_file = '', restrictions = '' WHERE id = ?", {id});
  for (const char* sql : {"DELETE FROM devices WHERE session = ?", "DELETE FROM signal_rows WHERE session = ?",
                          "DELETE FROM lids WHERE session = ?", "DELETE FROM device_lists WHERE session = ?",
                          "DELETE FROM privacy_tokens WHERE session = ?",
                          "DELETE FROM chat_timers WHERE session = ?"}) {
    db.execute(sql, {id});
  }
}

// Every table with a session in it references this one ON DELETE CASCADE.
void erase(Database& db, const std::string& id) { db.execute("DELETE FROM sessions WHERE id = ?", {id}); }

std::int64_t next_event_sequence(Database& db, const std::string& id) {
  db.execute("UPDATE sessions SET event_sequence = event_sequence + 1 WHERE id = ?", {id});
  return db.integer("SELECT event_sequence FROM sessions WHERE id = ?", {id}).value_or(0);
}

}  // namespace sessions
}  // namespace konekwa::store
