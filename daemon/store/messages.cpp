#include "daemon/store/messages.h"

#include "daemon/store/words.h"

namespace konekwa::store {
namespace {

constexpr std::array<std::string_view, 10> kStateWords = {"SCHEDULED", "QUEUED",   "SENDING", "SENT",      "DELIVERED",
                                                          "READ",      "RECEIVED", "FAILED",  "CANCELLED", "EXPIRED"};

constexpr const char* kColumns =
    "sequence, id, tenant, session, outbound, state, recipient, chat_id, sender, sender_lid, sender_name,"
    " message_type, content, fields, template_id, wa_message_id, client_reference, source, offline, inactive_receipt,"
    " attempts, error_code, error_message, error_details, created_at, expires_at, sent_at, delivered_at, read_at,"
    " failed_at, scheduled_at, cancelled_at, audience, receipts_delivered, receipts_read";

// Word for word the conditions of the partial indices, or SQLite would not use it.
constexpr const char* kInOutbox = "outbound = 1 AND state IN ('QUEUED', 'SENDING')";
constexpr const char* kWaits = "outbound = 1 AND state IN ('SCHEDULED', 'QUEUED', 'SENDING')";

MessageRow message_from(const Row& row) {
  MessageRow out;
  int column = 0;
  const auto text = [&] { return row.text(column++); };
  const auto flag = [&] { return row.integer(column++) != 0; };
  const auto optional_time = [&] { return row.optional_time(column++); };
  out.sequence = row.integer(column++);
  out.id = text();
  out.tenant = text();
  out.session = text();
  out.outbound = flag();
  out.state = stored_enum<MessageState>(kStateWords, text());
  out.recipient = text();
  out.chat_id = text();
  out.sender = text();
  out.sender_lid = text();
  out.sender_name = text();
  out.message_type = text();
  out.content = text();
  out.fields = text();
  out.template_id = text();
  out.wa_message_id = text();
  out.client_reference = text();
  out.source = text();
  out.offline = flag();
  out.inactive_receipt = flag();
  out.attempts = static_cast<int>(row.integer(column++));
  out.error_code = text();
  out.error_message = text();
  out.error_details = text();
  out.created_at = row.time(column++);
  out.expires_at = optional_time();
  out.sent_at = optional_time();
  out.delivered_at = optional_time();
  out.read_at = optional_time();
  out.failed_at = optional_time();
  out.scheduled_at = optional_time();
  out.cancelled_at = optional_time();
  out.audience = row.integer(column++);
  out.receipts_delivered = row.integer(column++);
  out.receipts_read = row.integer(column++);
  return out;
}

std::optional<MessageRow> one(Database& db, std::string_view sql, Database::Bindings values) {
  std::optional<MessageRow> out;
  db.query_one(sql, values, [&](const Row& row) { out = message_from(row); });
  return out;
}

std::vector<MessageRow> many(Database& db, std::string_view sql, Database::Bindings values) {
  std::vector<MessageRow> out;
  db.query(sql, values, [&](const Row& row) { out.push_back(message_from(row)); });
  return out;
}

std::string select(const std::string& rest) { return std::string("SELECT ") + kColumns + " FROM messages " + rest; }

// A change of state that says what became of its rows. SQLite makes a table for what is returned, which costs more than
// the update: changes of one message, which are many a second, read the row again instead.
std::string update_many(const std::string& rest) {
  return "UPDATE messages SET " + rest + " RETURNING " + kColumns;
}

}  // namespace

std::string_view to_string(MessageState state) { return kStateWords[static_cast<std::size_t>(state)]; }

std::optional<MessageState> message_state_from(std::string_view text) {
  return enum_of<MessageState>(kStateWords, text);
}

namespace messages {

std::int64_t insert(Database& db, const MessageRow& row) {
  return db.insert(
      "INSERT INTO messages (id, tenant, session, outbound, state, recipient, chat_id, sender, sender_lid, sender_name,"
      " message_type, content, fields, template_id, wa_message_id, client_reference, source, offline,"
      " inactive_receipt, attempts, error_code, error_message, error_details, created_at, expires_at, sent_at,"
      " delivered_at, read_at, failed_at, scheduled_at, cancelled_at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {row.id, row.tenant, row.session, row.outbound, to_string(row.state), row.recipient, row.chat_id, row.sender,
       row.sender_lid, row.sender_name, row.message_type, row.content, row.fields, row.template_id, row.wa_message_id,
       row.client_reference, row.source, row.offline, row.inactive_receipt, row.attempts, row.error_code,
       row.error_message, row.error_details, row.created_at, row.expires_at, row.sent_at, row.delivered_at, row.read_at,
       row.failed_at, row.scheduled_at, row.cancelled_at});
}

std::optional<MessageRow> find(Database& db, const std::string& id) {
  static const std::string sql = select("WHERE id = ?");
  return one(db, sql, {id});
}

std::optional<MessageRow> find_by_sequence(Database& db, std::int64_t sequence) {
  static const std::string sql = select("WHERE sequence = ?");
  return one(db, sql, {sequence});
}

std::optional<MessageRow> find_by_wa_id(Database& db, const std::string& session, const std::string& wa_message_id,
                                        bool outbound) {
  static const std::string sql =
      select("WHERE session = ? AND wa_message_id = ? AND outbound = ? ORDER BY sequence DESC LIMIT 1");
  return one(db, sql, {session, wa_message_id, outbound});
}

std::vector<MessageRow> outbox(Database& db, const std::string& session, std::int64_t after_sequence, int limit) {
  // Without the hint SQLite walks every message of the session.
  static const std::string sql = select(
      std::string("INDEXED BY messages_outbox WHERE session = ? AND sequence > ? AND ") + kInOutbox +
      " ORDER BY sequence LIMIT ?");
  return many(db, sql, {session, after_sequence, limit});
}

std::int64_t count_waiting(Database& db, const std::string& session) {
  return db.integer("SELECT queued FROM sessions WHERE id = ?", {session}).value_or(0);
}

std::int64_t count_waiting_of_tenant(Database& db, const std::string& tenant) {
  return db.integer("SELECT sum(queued) FROM sessions WHERE tenant = ?", {tenant}).value_or(0);
}

std::optional<Time> oldest_waiting_at(Database& db, const std::string& session) {
  static const std::string sql =
      std::string("SELECT created_at FROM messages INDEXED BY messages_outbox WHERE session = ? AND ") + kInOutbox +
      " ORDER BY sequence LIMIT 1";
  const auto found = db.integer(sql, {session});
  return found ? std::optional(from_unix_ms(*found)) : std::nullopt;
}

std::optional<MessageRow> set_sending(Database& db, std::int64_t sequence) {
  static const std::string sql =
      std::string("UPDATE messages SET state = 'SENDING', attempts = attempts + 1 WHERE sequence = ? AND ") + kInOutbox;
  if (db.execute(sql, {sequence}) == 0) return std::nullopt;
  return find_by_sequence(db, sequence);
}

std::optional<MessageRow> set_sent(Database& db, const std::string& session, const std::string& wa_message_id,
                                   Time at) {
  static const std::string sql =
      "UPDATE messages SET state = 'SENT', sent_at = ?3"
      " WHERE session = ?1 AND wa_message_id = ?2 AND outbound = 1 AND state IN ('QUEUED', 'SENDING')";
  if (db.execute(sql, {session, wa_message_id, at}) == 0) return std::nullopt;
  return find_by_wa_id(db, session, wa_message_id, true);
}

// A receipt may overtake the ack of the server: what it implies is stamped with its time.
std::optional<MessageRow> set_delivered(Database& db, const std::string& session, const std::string& wa_message_id,
                                        Time at) {
  static const std::string sql =
      "UPDATE messages SET state = 'DELIVERED', sent_at = coalesce(sent_at, ?3), delivered_at = ?3"
      " WHERE session = ?1 AND wa_message_id = ?2 AND outbound = 1 AND state IN ('QUEUED', 'SENDING', 'SENT')";
  if (db.execute(sql, {session, wa_message_id, at}) == 0) return std::nullopt;
  return find_by_wa_id(db, session, wa_message_id, true);
}

std::optional<MessageRow> set_read(Database& db, const std::string& session, const std::string& wa_message_id,
                                   Time at) {
  static const std::string sql =
      "UPDATE messages SET state = 'READ', sent_at = coalesce(sent_at, ?3), delivered_at = coalesce(delivered_at, ?3),"
      " read_at = ?3"
      " WHERE session = ?1 AND wa_message_id = ?2 AND outbound = 1"
      " AND state IN ('QUEUED', 'SENDING', 'SENT', 'DELIVERED')";
  if (db.execute(sql, {session, wa_message_id, at}) == 0) return std::nullopt;
  return find_by_wa_id(db, session, wa_message_id, true);
}

void set_inactive_receipt(Database& db, const std::string& session, const std::string& wa_message_id) {
  db.execute("UPDATE messages SET inactive_receipt = 1 WHERE session = ? AND wa_message_id = ? AND outbound = 1",
             {session, wa_message_id});
}

std::optional<MessageRow> set_failed(Database& db, std::int64_t sequence, MessageState state, const Error& why,
                                     Time at) {
  static const std::string sql =
      std::string("UPDATE messages SET state = ?, error_code = ?, error_message = ?, error_details = ?, failed_at = ?"
                  " WHERE sequence = ? AND ") + kInOutbox;
  const bool is_changed =
      db.execute(sql, {to_string(state), to_string(why.code), why.message, why.details, at, sequence}) > 0;
  return is_changed ? find_by_sequence(db, sequence) : std::nullopt;
}

std::optional<MessageRow> set_cancelled(Database& db, const std::string& id, Time at) {
  static const std::string sql =
      "UPDATE messages SET state = 'CANCELLED', cancelled_at = ?"
      " WHERE id = ? AND outbound = 1 AND state IN ('SCHEDULED', 'QUEUED')";
  if (db.execute(sql, {at, id}) == 0) return std::nullopt;
  return find(db, id);
}

namespace {

// A member of the JSON object `fields`, which may be empty text.
void set_field(Database& db, std::int64_t sequence, const char* path, const std::string& value) {
  db.execute("UPDATE messages SET fields = json_set(iif(fields = '', '{}', fields), ?, ?) WHERE sequence = ?",
             {path, value, sequence});
}

}  // namespace

void set_edited(Database& db, std::int64_t sequence, const std::string& text, bool is_caption, Time at) {
  if (is_caption) {
    set_field(db, sequence, "$.caption", text);
  } else {
    db.execute("UPDATE messages SET content = ? WHERE sequence = ?", {text, sequence});
  }
  set_field(db, sequence, "$.edited_at", to_rfc3339(at));
}

void set_revoked(Database& db, std::int64_t sequence, Time at) {
  set_field(db, sequence, "$.revoked_at", to_rfc3339(at));
}

std::vector<MessageRow> release_scheduled(Database& db, Time now, int limit) {
  static const std::string sql = update_many(
      "state = 'QUEUED' WHERE sequence IN (SELECT sequence FROM messages"
      " WHERE state = 'SCHEDULED' AND scheduled_at <= ? ORDER BY scheduled_at, sequence LIMIT ?)");
  return many(db, sql, {now, limit});
}

std::vector<MessageRow> expire(Database& db, Time now, const Error& why, int limit) {
  static const std::string sql = update_many(
      std::string("state = 'EXPIRED', error_code = ?2, error_message = ?3, failed_at = ?1"
                  " WHERE sequence IN (SELECT sequence FROM messages INDEXED BY messages_expiring WHERE ") +
      kWaits + " AND state <> 'SENDING' AND expires_at <= ?1 ORDER BY expires_at LIMIT ?4)");
  return many(db, sql, {now, to_string(why.code), why.message, limit});
}

std::vector<MessageRow> fail_unconfirmed(Database& db, Time before, const Error& why, Time now, int limit) {
  static const std::string sql = update_many(
      std::string("state = 'FAILED', error_code = ?2, error_message = ?3, failed_at = ?4"
                  " WHERE sequence IN (SELECT sequence FROM messages INDEXED BY messages_expiring WHERE ") +
      kWaits + " AND state = 'SENDING' AND expires_at <= ?1 ORDER BY expires_at LIMIT ?5)");
  return many(db, sql, {before, to_string(why.code), why.message, now, limit});
}

std::optional<Time> next_scheduled_at(Database& db) {
  const auto found = db.integer("SELECT min(scheduled_at) FROM messages WHERE state = 'SCHEDULED'");
  return found ? std::optional(from_unix_ms(*found)) : std::nullopt;
}

std::optional<Time> next_expiry_at(Database& db) {
  static const std::string sql =
      std::string("SELECT expires_at FROM messages INDEXED BY messages_expiring WHERE ") + kWaits +
      " AND state <> 'SENDING' ORDER BY expires_at LIMIT 1";
  const auto found = db.integer(sql);
  return found ? std::optional(from_unix_ms(*found)) : std::nullopt;
}

bool mark_seen(Database& db, const std::string& session, const std::string& chat, const std::string& sender,
               const std::string& wa_message_id, Time now) {
  return db.execute(
             "INSERT INTO seen (session, chat, sender, wa_message_id, seen_at) VALUES (?, ?, ?, ?, ?)"
             " ON CONFLICT DO NOTHING",
             {session, chat, sender, wa_message_id, now}) > 0;
}

bool is_seen(Database& db, const std::string& session, const std::string& chat, const std::string& sender,
             const std::string& wa_message_id) {
  return db
      .integer("SELECT 1 FROM seen WHERE session = ? AND chat = ? AND sender = ? AND wa_message_id = ?",
               {session, chat, sender, wa_message_id})
      .has_value();
}

namespace {

struct Condition {
  std::string sql = "1 = 1";
  std::vector<Value> values;

  void add(const char* more, Value value) {
    sql += std::string(" AND ") + more;
    values.push_back(std::move(value));
  }
};

Condition condition_of(const Filter& filter) {
  Condition out;
  // The sign keeps SQLite from walking the whole tenant when a session is asked for.
  const bool has_session = !filter.session.empty();
  if (has_session) out.add("session = ?", filter.session);
  if (!filter.tenant.empty()) out.add(has_session ? "+tenant = ?" : "tenant = ?", filter.tenant);
  if (!filter.allowed_sessions.empty()) {
    out.add("+session IN (SELECT value FROM json_each(?))", json_list(filter.allowed_sessions));
  }
  if (filter.outbound) out.add("+outbound = ?", *filter.outbound);
  if (!filter.message_type.empty()) out.add("+message_type = ?", filter.message_type);
  if (filter.state) out.add("state = ?", to_string(*filter.state));
  if (!filter.recipient.empty()) out.add("recipient = ?", filter.recipient);
  if (!filter.client_reference.empty()) out.add("client_reference = ?", filter.client_reference);
  if (filter.start) out.add("+created_at >= ?", *filter.start);
  if (filter.end) out.add("+created_at < ?", *filter.end);
  return out;
}

}  // namespace

Page list(Database& db, const Filter& filter, std::int64_t before_sequence, int page_size, bool counts) {
  const Condition condition = condition_of(filter);
  Page page;
  if (counts) {
    db.query_list("SELECT count(*) FROM messages WHERE " + condition.sql, condition.values,
                  [&](const Row& row) { page.total_count = row.integer(0); });
  }

  Condition from_here = condition;
  if (before_sequence > 0) from_here.add("sequence < ?", before_sequence);
  from_here.values.emplace_back(page_size + 1);   // one more tells whether there is more
  db.query_list(select("WHERE " + from_here.sql + " ORDER BY sequence DESC LIMIT ?"), from_here.values,
                [&](const Row& row) { page.rows.push_back(message_from(row)); });
  page.more = page.rows.size() > static_cast<std::size_t>(page_size);
  if (page.more) page.rows.pop_back();
  return page;
}

}  // namespace messages
}  // namespace konekwa::store
