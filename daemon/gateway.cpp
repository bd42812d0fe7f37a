#include "daemon/gateway.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/utf8.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/qr_link.h"
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

}  // namespace

bool Caller::may(std::string_view scope) const { return is_admin || holds(scopes, scope); }

const std::vector<std::string>& all_scopes() {
  static const std::vector<std::string> kScopes = {"messages:send",   "messages:read",  "sessions:read",
                                                   "sessions:write",  "templates:read", "templates:write",
                                                   "webhooks:read",   "webhooks:write", "admin"};
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
  if (!caller.sessions.empty() && !holds(caller.sessions, id)) return fail(ErrorCode::SESSION_NOT_ALLOWED, id);
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

Result<Caller> Gateway::authenticate(std::string_view api_key) {
  if (!is_api_token(api_key)) return fail(ErrorCode::INVALID_API_KEY);
  const Bytes hash = sha256(api_key);
  auto found = impl_->parts.readers.get<std::optional<store::TokenRow>>(
      [&](store::Database& db) { return store::tokens::find_by_hash(db, hash); });
  if (!found) return fail(found.error());
  if (!*found) return fail(ErrorCode::INVALID_API_KEY);
  const store::TokenRow& token = **found;
  const Time now = impl_->now();
  if (auto problem = problem_of(token, now)) return fail(std::move(*problem));
  if (!token.last_used_at || now - *token.last_used_at >= kTouchInterval) {
    store::WriteBatch batch;
    batch.run([id = token.id, now](store::Database& db) { store::tokens::touch(db, id, now); });
    impl_->parts.writer.commit(std::move(batch), [](const Result<>&) {});
  }
  Caller caller;
  caller.is_admin = holds(token.scopes, "admin");
  caller.sees_every_tenant = caller.is_admin;
  caller.tenant = token.tenant;
  caller.token_id = token.id;
  caller.scopes = token.scopes;
  caller.sessions = token.sessions;
  return caller;
}

Result<QrView> Gateway::qr(const std::string& session, const std::string& link_token, const Caller* caller) {
  auto found = impl_->parts.readers.get<std::optional<store::SessionRow>>(
      [&](store::Database& db) { return store::sessions::find(db, session); });
  if (!found) return fail(found.error());
  if (!*found) return fail(ErrorCode::SESSION_NOT_FOUND, session);
  const store::SessionRow& row = **found;
  const Time now = impl_->now();
  const bool may_read = caller != nullptr && caller->sees(row.tenant) && caller->may("sessions:read");
  if (row.id_was_chosen && !may_read && !is_qr_link_valid(impl_->qr_link_key, session, link_token, now)) {
    return fail(ErrorCode::INVALID_QR_TOKEN);
  }
  QrView view;
  view.session = row.id;
  view.status = store::to_string(row.status);
  view.status_reason = row.status_reason;
  const auto code = impl_->parts.sessions.qr(session);
  const bool is_linked = row.status == store::SessionStatus::CONNECTED;
  if (!code || code->expires_at <= now || is_linked) return view;
  view.status = store::to_string(store::SessionStatus::WAITING_QR);
  view.qr = code->text;
  view.sequence = code->sequence;
  view.remaining_codes = code->remaining_codes;
  view.issued_at = code->issued_at;
  view.expires_at = code->expires_at;
  return view;
}

Result<Reply> Gateway::public_status(const std::string& session) {
  auto found = impl_->parts.readers.get<std::optional<store::SessionRow>>(
      [&](store::Database& db) { return store::sessions::find(db, session); });
  if (!found) return fail(found.error());
  if (!*found) return fail(ErrorCode::SESSION_NOT_FOUND, session);
  const store::SessionRow& row = **found;
  return json_reply(200, {{"id", row.id},
                          {"status", store::to_string(row.status)},
                          {"connected", row.status == store::SessionStatus::CONNECTED},
                          {"updated_at", to_rfc3339(row.updated_at)}});
}

Reply Gateway::health(bool with_totals) {
  const bool is_healthy = impl_->parts.writer.is_healthy();
  const auto uptime_s = std::chrono::duration_cast<seconds>(impl_->now() - impl_->started_at).count();
  Json body = {{"status", is_healthy ? "ok" : "error"},
               {"version", KONEKWA_VERSION},
               {"uptime_s", uptime_s},
               {"database", is_healthy ? "ok" : "unavailable"}};
  if (with_totals) {
    const auto totals = impl_->parts.readers.get<store::sessions::Totals>(store::sessions::totals);
    if (totals) body["sessions"] = {{"total", totals->total}, {"connected", totals->connected}};
  }
  return json_reply(is_healthy ? 200 : 503, body);
}

Result<Reply> Gateway::sandbox_info(const Caller& caller) {
  if (!caller.is_admin) return fail(ErrorCode::FORBIDDEN, "admin");
  if (impl_->parts.sandbox_admin_url.empty()) return fail(ErrorCode::NOT_FOUND, "konekwad runs without --sandbox");
  return json_reply(200, {{"admin", impl_->parts.sandbox_admin_url}});
}

}  // namespace konekwa
