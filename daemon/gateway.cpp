#include "daemon/gateway.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/utf8.h"
#include "daemon/gateway/impl.h"
#include "daemon/store/facts.h"

namespace konekwa {
namespace {

constexpr const char* kQrLinkKeyFact = "qr_link_key";
constexpr Duration kTouchInterval = minutes(1);   // last_used_at is no finer

// Who has the key may know why it is refused: it was theirs.
std::optional<Error> problem_of(const store::TokenRow& token, Time now) {
  if (token.revoked_at) return Error(ErrorCode::API_KEY_REVOKED);
  if (token.expires_at && *token.expires_at <= now) return Error(ErrorCode::API_KEY_EXPIRED);
  return std::nullopt;
}

bool holds(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Admins are not locked out with the tenant that their key belongs to: somebody has to let it in again.
bool is_locked_out(store::Database& db, const store::TokenRow& token) {
  return !holds(token.scopes, "admin") && store::tenants::is_suspended(db, token.tenant);
}

}  // namespace

bool Caller::may(std::string_view scope) const { return is_admin || holds(scopes, scope); }
bool Caller::may_use(std::string_view session) const { return sessions.empty() || holds(sessions, session); }

const std::vector<std::string>& all_scopes() {
  static const std::vector<std::string> kScopes = {"messages:send",   "messages:read",  "sessions:read",
                                                   "sessions:write",  "templates:read", "templates:write",
                                                   "webhooks:read",   "webhooks:write", "metrics:read",
                                                   "admin"};
  return kScopes;
}

bool is_object_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_tenant_name(std::string_view text) { return is_object_id(text); }

void check_name(JsonFields& fields, const std::string& name) {
  if (count_characters(name) <= kNameCharactersMax) return;
  fields.refuse("name", ErrorCode::INVALID_REQUEST, "is longer than 100 characters");
}

std::optional<Duration> read_duration(JsonFields& fields, const std::string& name, const char* example) {
  const auto text = fields.text(name);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (duration && duration->count() > 0 && *duration <= kDurationMax) return duration;
  fields.refuse(name, ErrorCode::INVALID_REQUEST, fmt::format("must be a duration such as {}", example));
  return std::nullopt;
}

std::string find_parameter(const Gateway::Query& query, std::string_view name) {
  const auto found = std::find_if(query.begin(), query.end(), [&](const auto& p) { return p.first == name; });
  return found == query.end() ? std::string() : found->second;
}

Reply json_reply(int status, const Json& body) {
  return {status, body.dump(-1, ' ', false, Json::error_handler_t::replace), {}};
}

void add_headers(Reply& reply, std::vector<std::pair<std::string, std::string>> headers) {
  for (auto& header : headers) reply.headers.push_back(std::move(header));
}

Gateway::Gateway(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) { impl_->load_qr_link_key(); }
Gateway::~Gateway() = default;

void Gateway::Impl::load_qr_link_key() {
  const auto kept = parts.readers.get<std::optional<std::string>>(
      [](store::Database& db) { return store::facts::find(db, kQrLinkKeyFact); });
  if (kept && *kept) {
    if (auto key = from_hex(**kept); key && key->size() == 32) qr_link_key = std::move(*key);
  }
  if (!qr_link_key.empty()) return;
  qr_link_key = parts.random.bytes(32);
  store::WriteBatch batch;
  batch.run([text = to_hex(qr_link_key)](store::Database& db) { store::facts::put(db, kQrLinkKeyFact, text); });
  // If it does not become durable, links made until then end with this run.
  parts.writer.commit(std::move(batch), [](const Result<>&) {});
}

Result<store::SessionRow> Gateway::Impl::session(store::Database& db, const Caller& caller, const std::string& id) {
  auto row = store::sessions::find(db, id);
  if (!row || !caller.sees(row->tenant)) return fail(ErrorCode::SESSION_NOT_FOUND, id);
  if (!caller.may_use(id)) return fail(ErrorCode::SESSION_NOT_ALLOWED, id);
  return std::move(*row);
}

Result<store::SessionRow> Gateway::Impl::session(const Caller& caller, const std::string& id) {
  Result<store::SessionRow> out;
  auto done = parts.readers.read([&](store::Database& db) { out = session(db, caller, id); });
  if (!done) return fail(done.error());
  return out;
}

void Gateway::Impl::commit(Change change, Answer answer, std::function<void()> once_durable) {
  const auto reply = std::make_shared<Reply>();
  store::WriteBatch batch;
  batch.add([reply, change = std::move(change)](store::Database& db) -> Result<> {
    auto changed = change(db);
    if (!changed) return fail(changed.error());
    *reply = std::move(*changed);
    return {};
  });
  parts.writer.commit(std::move(batch), [reply, answer, once_durable](Result<> done) {
    if (!done) return answer(fail(done.error()));
    if (once_durable) once_durable();
    answer(std::move(*reply));
  });
}

void Gateway::Impl::commit_access(Change change, Answer answer) {
  commit(std::move(change), std::move(answer), [this] { tokens.forget_all(); });
}

Result<TokenCache::Token> Gateway::Impl::read_token(const Bytes& key_hash) {
  Result<TokenCache::Token> out;
  const auto read = parts.readers.read([&](store::Database& db) {
    auto row = store::tokens::find_by_hash(db, key_hash);
    if (!row) out = fail(ErrorCode::INVALID_API_KEY);
    else if (auto problem = problem_of(*row, now())) out = fail(std::move(*problem));
    else if (is_locked_out(db, *row)) out = fail(ErrorCode::TENANT_SUSPENDED, row->tenant);
    else out = std::make_shared<const store::TokenRow>(std::move(*row));
  });
  if (!read) return fail(read.error());
  return out;
}

Result<TokenCache::Token> Gateway::Impl::live_token(std::string_view api_key, const std::string& ip) {
  const Bytes hash = sha256(api_key);
  const std::uint64_t generation = tokens.generation();   // what is read from here on may be old when it is put
  TokenCache::Token token = tokens.find(hash);
  if (!token) {
    auto read = read_token(hash);
    if (!read) return fail(read.error());
    token = std::move(*read);
    tokens.put(hash, token, generation);
  }
  if (auto problem = problem_of(*token, now())) return fail(std::move(*problem));
  const bool is_previous = token->hash != hash;
  if (is_previous && (!token->previous_until || *token->previous_until <= now())) {
    return fail(ErrorCode::API_KEY_EXPIRED, "it was rotated");
  }
  if (!token->last_used_at || now() - *token->last_used_at >= kTouchInterval) {
    touch(*token, ip);
    auto touched = std::make_shared<store::TokenRow>(*token);
    touched->last_used_at = now();
    tokens.put(hash, std::move(touched), generation);
  }
  return token;
}

void Gateway::Impl::touch(const store::TokenRow& token, const std::string& ip) {
  store::WriteBatch batch;
  batch.run([id = token.id, at = now(), ip](store::Database& db) { store::tokens::touch(db, id, at, ip); });
  parts.writer.commit(std::move(batch), [](const Result<>&) {});
}

Result<Caller> Gateway::authenticate(std::string_view api_key, const std::string& ip) {
  if (!is_api_token(api_key)) return fail(ErrorCode::INVALID_API_KEY);
  const auto found = impl_->live_token(api_key, ip);
  if (!found) return fail(found.error());
  const store::TokenRow& token = **found;
  Caller caller;
  caller.is_admin = holds(token.scopes, "admin");
  caller.sees_every_tenant = caller.is_admin;
  caller.tenant = token.tenant;
  caller.token_id = token.id;
  caller.scopes = token.scopes;
  caller.sessions = token.sessions;
  return caller;
}

Result<> Gateway::check_still_valid(const Caller& caller) {
  if (caller.token_id.empty()) return {};
  Result<> out;
  auto read = impl_->parts.readers.read([&](store::Database& db) {
    const auto token = store::tokens::find(db, caller.token_id);
    if (!token) out = fail(ErrorCode::INVALID_API_KEY);
    else if (auto problem = problem_of(*token, impl_->now())) out = fail(std::move(*problem));
    else if (is_locked_out(db, *token)) out = fail(ErrorCode::TENANT_SUSPENDED, token->tenant);
  });
  return read ? out : read;
}

Result<Reply> Gateway::sandbox_info(const Caller& caller) {
  if (!caller.is_admin) return fail(ErrorCode::FORBIDDEN, "admin");
  const std::string& url = impl_->options.sandbox_admin_url;
  if (url.empty()) return fail(ErrorCode::NOT_FOUND, "konekwad runs without --sandbox");
  return json_reply(200, {{"admin", url}});
}

}  // namespace konekwa
