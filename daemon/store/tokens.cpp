#include "daemon/store/tokens.h"

#include "daemon/store/words.h"

namespace konekwa::store::tokens {
namespace {

// One write a minute is enough to see that a token is in use.
constexpr Duration kTouchInterval = minutes(1);
// Old replies leave a few at a time, with each one that comes.
constexpr int kRepliesErasedMax = 8;

constexpr const char* kSelect =
    "SELECT id, tenant, name, prefix, hash, scopes, sessions, created_at, expires_at, revoked_at, last_used_at,"
    " last_used_ip, previous_hash, previous_until FROM tokens ";

TokenRow token_from(const Row& row) {
  TokenRow out;
  out.id = row.text(0);
  out.tenant = row.text(1);
  out.name = row.text(2);
  out.prefix = row.text(3);
  out.hash = row.blob(4);
  out.scopes = split_words(row.text(5));
  out.sessions = split_words(row.text(6));
  out.created_at = row.time(7);
  out.expires_at = row.optional_time(8);
  out.revoked_at = row.optional_time(9);
  out.last_used_at = row.optional_time(10);
  out.last_used_ip = row.text(11);
  out.previous_hash = row.blob(12);
  out.previous_until = row.optional_time(13);
  return out;
}

}  // namespace

void insert(Database& db, const TokenRow& row) {
  db.execute(
      "INSERT INTO tokens (id, tenant, name, prefix, hash, scopes, sessions, created_at, expires_at, revoked_at,"
      " last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {row.id, row.tenant, row.name, row.prefix, row.hash, join_words(row.scopes), join_words(row.sessions),
       row.created_at, row.expires_at, row.revoked_at, row.last_used_at});
}

std::optional<TokenRow> find(Database& db, const std::string& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ?";
  std::optional<TokenRow> out;
  db.query_one(sql, {id}, [&](const Row& row) { out = token_from(row); });
  return out;
}

std::optional<TokenRow> find_by_hash(Database& db, ByteView hash) {
  static const std::string sql = std::string(kSelect) + "WHERE hash = ?1 OR previous_hash = ?1";
  std::optional<TokenRow> out;
  db.query_one(sql, {hash}, [&](const Row& row) { out = token_from(row); });
  return out;
}

std::vector<TokenRow> list(Database& db, const std::string& tenant) {
  static const std::string sql = std::string(kSelect) + "WHERE ?1 = '' OR tenant = ?1 ORDER BY position DESC";
  std::vector<TokenRow> out;
  db.query(sql, {tenant}, [&](const Row& row) { out.push_back(token_from(row)); });
  return out;
}

bool revoke(Database& db, const std::string& id, Time now) {
  return db.execute("UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", {now, id}) > 0;
}

void rotate(Database& db, const std::string& id, const std::string& prefix, const Bytes& hash, Time previous_until) {
  db.execute("UPDATE tokens SET previous_hash = hash, previous_until = ?, prefix = ?, hash = ? WHERE id = ?",
             {previous_until, prefix, hash, id});
}

void touch(Database& db, const std::string& id, Time now, const std::string& ip) {
  db.execute(
      "UPDATE tokens SET last_used_at = ?1, last_used_ip = ?4"
      " WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at <= ?3)",
      {now, id, now - kTouchInterval, ip});
}

std::optional<IdempotentReply> find_reply(Database& db, const std::string& tenant, const std::string& key,
                                          Time not_before) {
  std::optional<IdempotentReply> out;
  db.query_one(
      "SELECT body_hash, status, body FROM idempotent_replies WHERE tenant = ? AND key = ? AND created_at >= ?",
      {tenant, key, not_before}, [&](const Row& row) {
        out = IdempotentReply{row.blob(0), static_cast<int>(row.integer(1)), row.text(2)};
      });
  return out;
}

void put_reply(Database& db, const std::string& tenant, const std::string& key, const IdempotentReply& reply,
               Time now) {
  const Time oldest = now - kReplyLifetime;
  db.execute("DELETE FROM idempotent_replies WHERE tenant = ? AND key = ? AND created_at < ?", {tenant, key, oldest});
  db.execute(
      "DELETE FROM idempotent_replies WHERE (tenant, key) IN (SELECT tenant, key FROM idempotent_replies"
      " WHERE created_at < ? ORDER BY created_at LIMIT ?)",
      {oldest, kRepliesErasedMax});
  db.execute(
      "INSERT INTO idempotent_replies (tenant, key, body_hash, status, body, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      {tenant, key, reply.body_hash, reply.status, reply.body, now});
}

}  // namespace konekwa::store::tokens
