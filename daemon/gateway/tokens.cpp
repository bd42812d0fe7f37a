// Gateway: API tokens.
#include <nlohmann/json.hpp>

#include "common/id.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/json_fields.h"

namespace konekwa {
namespace {

std::vector<std::string> default_scopes() {
  std::vector<std::string> scopes = all_scopes();
  std::erase(scopes, "admin");
  std::erase(scopes, "metrics:read");   // of the whole daemon, not of a tenant
  return scopes;
}

constexpr Duration kGraceDefault = hours(24);
constexpr Duration kGraceMax = hours(24 * 30);

Result<store::TokenRow> find(store::Database& db, const Caller& caller, const std::string& id) {
  auto row = store::tokens::find(db, id);
  if (!row || !caller.sees(row->tenant)) return fail(ErrorCode::TOKEN_NOT_FOUND, id);
  return std::move(*row);
}

Json token_json(const store::TokenRow& row, const std::string& token = {}) {
  Json out = {{"id", row.id}, {"name", row.name}};
  if (!token.empty()) out["token"] = token;
  out["prefix"] = row.prefix;
  out["scopes"] = row.scopes;
  if (!row.sessions.empty()) out["sessions"] = row.sessions;
  out["created_at"] = to_rfc3339(row.created_at);
  if (row.expires_at) out["expires_at"] = to_rfc3339(*row.expires_at);
  out["tenant"] = row.tenant;
  if (row.last_used_at) out["last_used_at"] = to_rfc3339(*row.last_used_at);
  if (!row.last_used_ip.empty()) out["last_used_ip"] = row.last_used_ip;
  if (row.previous_until) out["previous_valid_until"] = to_rfc3339(*row.previous_until);
  if (row.revoked_at) out["revoked_at"] = to_rfc3339(*row.revoked_at);
  return out;
}

Result<store::TokenRow> read_token(const std::string& body, const Caller& caller, Time now,
                                   std::vector<std::pair<std::string, std::string>>& warnings) {
  store::TokenRow row;
  JsonFields fields(body);
  row.name = fields.required_text("name");
  check_name(fields, row.name);
  row.tenant = fields.text("tenant").value_or(caller.acting_tenant());
  if (!is_tenant_name(row.tenant)) {
    fields.refuse("tenant", ErrorCode::INVALID_REQUEST, "must be 1 to 64 of A-Z a-z 0-9 _ -");
  }
  if (!caller.sees_every_tenant && row.tenant != caller.acting_tenant()) {
    fields.refuse("tenant", ErrorCode::FORBIDDEN, "is not the tenant of X-Konekwa-Tenant");
  }
  row.scopes = fields.texts("scopes").value_or(default_scopes());
  const auto& known = all_scopes();
  for (const std::string& scope : row.scopes) {
    if (std::find(known.begin(), known.end(), scope) != known.end()) continue;
    fields.refuse("scopes", ErrorCode::INVALID_REQUEST,
                  fmt::format("holds '{}', not one of {}", scope, fmt::join(known, ", ")));
  }
  if (row.scopes.empty()) fields.refuse("scopes", ErrorCode::INVALID_REQUEST, "is empty");
  row.sessions = fields.texts("sessions").value_or(std::vector<std::string>{});
  for (const std::string& session : row.sessions) {
    if (is_object_id(session)) continue;
    fields.refuse("sessions", ErrorCode::INVALID_REQUEST, "holds what is not a session id");
  }
  if (const auto lifetime = read_duration(fields, "expires_in", "90d")) row.expires_at = now + *lifetime;
  if (fields.error()) return fail(*fields.error());
  warnings = fields.warning_headers();
  return row;
}

}  // namespace

void Gateway::create_token(const Caller& caller, std::string body, Answer answer) {
  const Time now = impl_->now();
  std::vector<std::pair<std::string, std::string>> warnings;
  auto row = read_token(body, caller, now, warnings);
  if (!row) return answer(fail(row.error()));
  const std::string token = new_api_token(impl_->parts.random);
  row->id = new_ordered_id("tok_", now, impl_->parts.random);
  row->prefix = token.substr(0, kTokenPrefixSize);
  row->hash = sha256(token);
  row->created_at = now;
  impl_->commit_access(
      [row = *row, token, warnings, now](store::Database& db) -> Result<Reply> {
        store::tenants::ensure(db, row.tenant, now);
        store::tokens::insert(db, row);
        Reply reply = json_reply(201, token_json(row, token));
        add_headers(reply, warnings);
        return reply;
      },
      std::move(answer));
}

Result<Reply> Gateway::list_tokens(const Caller& caller) {
  const std::string tenant = caller.sees_every_tenant ? "" : caller.tenant;
  auto rows = impl_->parts.readers.get<std::vector<store::TokenRow>>(
      [&](store::Database& db) { return store::tokens::list(db, tenant); });
  if (!rows) return fail(rows.error());
  Json list = Json::array();
  for (const store::TokenRow& row : *rows) list.push_back(token_json(row));
  return json_reply(200, {{"tokens", std::move(list)}});
}

Result<Reply> Gateway::show_token(const Caller& caller, const std::string& id) {
  Result<store::TokenRow> row;
  auto read = impl_->parts.readers.read([&](store::Database& db) { row = find(db, caller, id); });
  if (!read) return fail(read.error());
  if (!row) return fail(row.error());
  return json_reply(200, token_json(*row));
}

void Gateway::rotate_token(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  const auto grace_text = fields.text("grace");
  const auto grace = grace_text ? parse_duration(*grace_text) : std::optional<Duration>(kGraceDefault);
  if (!grace || grace->count() < 0 || *grace > kGraceMax) {
    fields.refuse("grace", ErrorCode::INVALID_REQUEST, "must be a duration from 0s to 30d, such as 24h");
  }
  if (fields.error()) return answer(fail(*fields.error()));
  const std::string token = new_api_token(impl_->parts.random);
  impl_->commit_access(
      [caller, id, token, now = impl_->now(), grace = *grace,
       warnings = fields.warning_headers()](store::Database& db) -> Result<Reply> {
        const auto row = find(db, caller, id);
        if (!row) return fail(row.error());
        if (row->revoked_at) return fail(Error(ErrorCode::CONFLICT, "the token was revoked", id));
        store::tokens::rotate(db, id, token.substr(0, kTokenPrefixSize), sha256(token), now + grace);
        Reply reply = json_reply(200, token_json(*store::tokens::find(db, id), token));
        add_headers(reply, warnings);
        return reply;
      },
      std::move(answer));
}

void Gateway::revoke_token(const Caller& caller, const std::string& id, Answer answer) {
  impl_->commit_access(
      [caller, id, now = impl_->now()](store::Database& db) -> Result<Reply> {
        const auto row = find(db, caller, id);
        if (!row) return fail(row.error());
        store::tokens::revoke(db, id, now);
        return json_reply(200, {{"message", "Token revoked successfully"}});
      },
      std::move(answer));
}

}  // namespace konekwa
