#include "daemon/store/message_media.h"

#include "daemon/store/words.h"

namespace konekwa::store {
namespace {

constexpr std::array<std::string_view, 4> kStateWords = {"PENDING", "STORED", "FAILED", "EXPIRED"};

constexpr const char* kColumns =
    "message, session, state, kind, mimetype, filename, url, direct_path, media_key, sha256, enc_sha256, length,"
    " key_time, stored_at, attempts, next_attempt_at, error, facts, thumbnail, waveform";

MessageMediaRow media_from(const Row& row) {
  MessageMediaRow out;
  int column = 0;
  const auto text = [&] { return row.text(column++); };
  const auto blob = [&] { return row.blob(column++); };
  const auto optional_time = [&] { return row.optional_time(column++); };
  out.message = row.integer(column++);
  out.session = text();
  out.state = stored_enum<MediaState>(kStateWords, text());
  out.kind = text();
  out.mimetype = text();
  out.filename = text();
  out.url = text();
  out.direct_path = text();
  out.media_key = blob();
  out.sha256 = blob();
  out.enc_sha256 = blob();
  out.length = row.integer(column++);
  out.key_time = optional_time();
  out.stored_at = optional_time();
  out.attempts = static_cast<int>(row.integer(column++));
  out.next_attempt_at = row.time(column++);
  out.error = text();
  out.facts = text();
  out.thumbnail = blob();
  out.waveform = blob();
  return out;
}

// The message object says where its media are, as of this change.
void tell_message(Database& db, std::int64_t message, const char* status) {
  db.execute("UPDATE messages SET fields = json_set(fields, '$.media.status', ?) WHERE sequence = ? AND fields <> ''",
             {status, message});
}

}  // namespace

std::string_view to_string(MediaState state) { return kStateWords[static_cast<std::size_t>(state)]; }

namespace message_media {

void put(Database& db, const MessageMediaRow& row) {
  static const std::string sql = std::string("INSERT OR REPLACE INTO message_media (") + kColumns +
                                 ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  db.execute(sql, {row.message, row.session, to_string(row.state), row.kind, row.mimetype, row.filename, row.url,
                   row.direct_path, row.media_key, row.sha256, row.enc_sha256, row.length, row.key_time, row.stored_at,
                   row.attempts, row.next_attempt_at, row.error, row.facts, row.thumbnail, row.waveform});
}

void put_uploaded(Database& db, const MessageMediaRow& row) {
  put(db, row);
  db.execute(
      "UPDATE messages SET fields = json_set(iif(fields = '', '{}', fields), '$.media', json_patch("
      "json_object('status', 'stored', 'mimetype', ?, 'size', ?, 'sha256', lower(hex(?))), ?)) WHERE sequence = ?",
      {row.mimetype, row.length, row.sha256, row.facts.empty() ? "{}" : row.facts, row.message});
}

std::optional<MessageMediaRow> find(Database& db, std::int64_t message) {
  static const std::string sql = std::string("SELECT ") + kColumns + " FROM message_media WHERE message = ?";
  std::optional<MessageMediaRow> out;
  db.query_one(sql, {message}, [&](const Row& row) { out = media_from(row); });
  return out;
}

std::vector<MessageMediaRow> due(Database& db, const std::string& session, Time now, int limit) {
  static const std::string sql =
      std::string("SELECT ") + kColumns +
      " FROM message_media WHERE session = ? AND state = 'PENDING' AND next_attempt_at <= ?"
      " ORDER BY next_attempt_at LIMIT ?";
  std::vector<MessageMediaRow> out;
  db.query(sql, {session, now, limit}, [&](const Row& row) { out.push_back(media_from(row)); });
  return out;
}

std::optional<Time> next_due_at(Database& db, const std::string& session) {
  const auto found =
      db.integer("SELECT min(next_attempt_at) FROM message_media WHERE session = ? AND state = 'PENDING'", {session});
  return found ? std::optional(from_unix_ms(*found)) : std::nullopt;
}

void set_stored(Database& db, std::int64_t message, ByteView sha256, std::int64_t length, Time now) {
  const auto changed = db.execute(
      "UPDATE message_media SET state = 'STORED', sha256 = ?, length = ?, stored_at = ?, attempts = attempts + 1,"
      " error = '' WHERE message = ? AND state = 'PENDING'",
      {to_bytes(sha256), length, now, message});
  if (changed > 0) tell_message(db, message, "stored");
}

void set_failed(Database& db, std::int64_t message, const std::string& error) {
  const auto changed = db.execute(
      "UPDATE message_media SET state = 'FAILED', attempts = attempts + 1, error = ?"
      " WHERE message = ? AND state = 'PENDING'",
      {error, message});
  if (changed > 0) tell_message(db, message, "failed");
}

void postpone(Database& db, std::int64_t message, const std::string& error, Time next_attempt_at) {
  db.execute(
      "UPDATE message_media SET attempts = attempts + 1, error = ?, next_attempt_at = ?"
      " WHERE message = ? AND state = 'PENDING'",
      {error, next_attempt_at, message});
}

void set_direct_path(Database& db, std::int64_t message, const std::string& direct_path, Time now) {
  db.execute("UPDATE message_media SET direct_path = ?, next_attempt_at = ? WHERE message = ? AND state = 'PENDING'",
             {direct_path, now, message});
}

std::vector<Expired> expire(Database& db, Time before, int limit) {
  std::vector<std::pair<std::int64_t, Bytes>> old;
  db.query(
      "SELECT message, sha256 FROM message_media WHERE state = 'STORED' AND stored_at < ? ORDER BY stored_at LIMIT ?",
      {before, limit}, [&](const Row& row) { old.emplace_back(row.integer(0), row.blob(1)); });
  std::vector<Expired> out;
  for (auto& [message, sha256] : old) {
    db.execute("UPDATE message_media SET state = 'EXPIRED' WHERE message = ?", {message});
    tell_message(db, message, "expired");
    out.push_back({std::move(sha256), false});
  }
  for (Expired& file : out) file.is_unused = !uses_file(db, file.sha256);
  return out;
}

bool uses_file(Database& db, ByteView sha256) {
  return db.integer("SELECT 1 FROM message_media WHERE sha256 = ? AND state = 'STORED' LIMIT 1", {to_bytes(sha256)})
      .has_value();
}

}  // namespace message_media

namespace message_wire {

void put(Database& db, std::int64_t message, ByteView bytes) {
  db.execute("INSERT OR REPLACE INTO message_wire (message, bytes) VALUES (?, ?)", {message, to_bytes(bytes)});
}

std::optional<Bytes> find(Database& db, std::int64_t message) {
  std::optional<Bytes> out;
  db.query_one("SELECT bytes FROM message_wire WHERE message = ?", {message},
               [&](const Row& row) { out = row.blob(0); });
  return out;
}

}  // namespace message_wire
}  // namespace konekwa::store
