// API tokens of tenants. Only the SHA-256 of a token is kept; it is shown once, when it is made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct TokenRow {
  std::string id;                       // "tok_..."
  std::string tenant;
  std::string name;
  std::string prefix;                   // the first 8 characters, to recognise it
  Bytes hash;                           // SHA-256 of the whole token
  std::vector<std::string> scopes;
  std::vector<std::string> sessions;    // empty: every session of the tenant
  Time created_at{};
  std::optional<Time> expires_at, revoked_at, last_used_at;
  std::string last_used_ip;             // "" on the Unix socket
  Bytes previous_hash;                  // of the key before the last rotation; empty when there was none
  std::optional<Time> previous_until;   // how long that one still counts
};

namespace tokens {

void insert(Database& db, const TokenRow& row);
std::optional<TokenRow> find(Database& db, const std::string& id);
std::optional<TokenRow> find_by_hash(Database& db, ByteView hash);     // the present key's, or the previous one's
std::vector<TokenRow> list(Database& db, const std::string& tenant);   // "" means all; newest first
bool revoke(Database& db, const std::string& id, Time now);
void rotate(Database& db, const std::string& id, const std::string& prefix, const Bytes& hash, Time previous_until);
void touch(Database& db, const std::string& id, Time now, const std::string& ip);   // writes once a minute

struct IdempotentReply {
  Bytes body_hash;
  int status = 0;
  std::string body;
};
inline constexpr Duration kReplyLifetime = hours(24);
std::optional<IdempotentReply> find_reply(Database& db, const std::string& tenant, const std::string& key,
                                          Time not_before);
// Failure::Constraint while a reply with this key lives: of two requests at once with one key, one batch fails whole.
void put_reply(Database& db, const std::string& tenant, const std::string& key, const IdempotentReply& reply,
               Time now);

}  // namespace tokens
}  // namespace konekwa::store
