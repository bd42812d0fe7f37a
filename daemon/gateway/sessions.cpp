// Gateway: sessions and their webhooks.
#include <nlohmann/json.hpp>

#include "common/id.h"
#include "common/utf8.h"
#include "daemon/events/event_log.h"
#include "daemon/events/webhook_dispatcher.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/net/web_client.h"
#include "daemon/gateway/qr_link.h"

namespace konekwa {
namespace {

using store::SessionStatus;

bool is_over(SessionStatus status) { return status == SessionStatus::LOGGED_OUT || status == SessionStatus::BANNED; }

void put_time(Json& to, const char* name, const std::optional<Time>& at) {
  if (at) to[name] = to_rfc3339(*at);
}

std::string webhook_url(JsonFields& fields, const std::string& name) {
  std::string url = fields.text(name).value_or("");
  if (url.empty()) return url;
  const std::string problem = net::url_problem(url);
  if (!problem.empty()) fields.refuse(name, ErrorCode::INVALID_WEBHOOK_URL, ": " + problem);
  return url;
}

struct NewSession {
  store::SessionRow row;
  std::optional<Error> error;
  std::vector<std::pair<std::string, std::string>> warnings;
};

NewSession read_session(const std::string& body) {
  NewSession out;
  JsonFields fields(body);
  out.row.name = fields.required_text("name");
  check_name(fields, out.row.name);
  if (auto id = fields.text("id")) {
    if (!is_object_id(*id)) fields.refuse("id", ErrorCode::INVALID_REQUEST, "must be 1 to 64 of A-Z a-z 0-9 _ -");
    out.row.id = std::move(*id);
    out.row.id_was_chosen = true;
  }
  fields.not_built_yet({"proxy_url"});
  std::optional<Error> nested;
  if (auto webhooks = fields.nested("webhooks")) {
    out.row.webhook_message = webhook_url(*webhooks, "message");
    out.row.webhook_status = webhook_url(*webhooks, "status");
    nested = webhooks->error();
    out.warnings = webhooks->warning_headers();
  }
  out.error = fields.error() ? fields.error() : nested;
  for (auto& header : fields.warning_headers()) out.warnings.push_back(std::move(header));
  return out;
}

}  // namespace

std::string Gateway::Impl::qr_url(const store::SessionRow& row) {
  const std::string url = "/api/v1/qr/" + row.id + "/image";
  return row.id_was_chosen ? url + "?t=" + sign_qr_link(qr_link_key, row.id, now() + kQrLinkLifetime) : url;
}

Json Gateway::Impl::session_json(const store::SessionRow& row) {
  Json out = {{"id", row.id}, {"name", row.name}, {"status", store::to_string(row.status)}};
  if (!row.phone_number.empty()) out["phone_number"] = row.phone_number;
  out["created_at"] = to_rfc3339(row.created_at);
  put_time(out, "connected_at", row.connected_at);
  if (!row.status_reason.empty()) out["status_reason"] = row.status_reason;
  if (!row.push_name.empty()) out["push_name"] = row.push_name;
  out["qr_url"] = qr_url(row);
  out["webhooks"] = Json::object();
  if (!row.webhook_message.empty()) out["webhooks"]["message"] = row.webhook_message;
  if (!row.webhook_status.empty()) out["webhooks"]["status"] = row.webhook_status;
  out["updated_at"] = to_rfc3339(row.updated_at);
  put_time(out, "disconnected_at", row.disconnected_at);
  return out;
}

void Gateway::create_session(const Caller& caller, std::string body, std::string idempotency_key, Answer answer) {
  auto key = make_idempotency_key(caller, idempotency_key, "POST /v1/sessions", body);
  if (!key) return answer(fail(key.error()));
  if (!caller.sessions.empty()) {
    return answer(fail(ErrorCode::SESSION_NOT_ALLOWED, "the key is limited to certain sessions"));
  }
  NewSession made = read_session(body);
  if (made.error) return answer(fail(*made.error));
  const Time now = impl_->now();
  made.row.tenant = caller.acting_tenant();
  if (made.row.id.empty()) made.row.id = new_random_id("ses_", impl_->parts.random);
  made.row.webhook_secret = events::new_webhook_secret(impl_->parts.random);
  made.row.created_at = made.row.updated_at = now;
  const std::string id = made.row.id;
  const auto is_replay = std::make_shared<bool>(false);
  const Impl::Change change = [impl = impl_.get(), made = std::move(made), key = *key, now, is_replay](
                                  store::Database& db) -> Result<Reply> {
    auto first = find_first_reply(db, key, now);
    if (!first) return fail(first.error());
    *is_replay = first->has_value();
    if (*is_replay) return std::move(**first);
    if (store::sessions::find(db, made.row.id)) return fail(ErrorCode::SESSION_EXISTS, made.row.id);
    store::tokens::ensure_tenant(db, made.row.tenant, now);
    store::sessions::insert(db, made.row);
    // The documented keys of the 201 come first, in the documented order.
    Json shown = {{"id", made.row.id}, {"name", made.row.name}, {"status", store::to_string(made.row.status)},
                  {"qr_url", impl->qr_url(made.row)}, {"created_at", to_rfc3339(now)}};
    shown["webhooks"] = impl->session_json(made.row)["webhooks"];
    Reply reply = json_reply(201, shown);
    keep_reply(db, key, reply, now);
    add_headers(reply, made.warnings);
    return reply;
  };
  impl_->commit(change, std::move(answer), [&sessions = impl_->parts.sessions, id, is_replay] {
    if (!*is_replay) sessions.connect(id);
  });
}

Result<Reply> Gateway::list_sessions(const Caller& caller) {
  const std::string tenant = caller.sees_every_tenant ? "" : caller.tenant;
  auto rows = impl_->parts.readers.get<std::vector<store::SessionRow>>(
      [&](store::Database& db) { return store::sessions::list(db, tenant, caller.sessions); });
  if (!rows) return fail(rows.error());
  Json list = Json::array();
  for (const store::SessionRow& row : *rows) list.push_back(impl_->session_json(row));
  return json_reply(200, {{"sessions", std::move(list)}});
}

Result<Reply> Gateway::show_session(const Caller& caller, const std::string& id) {
  const auto row = impl_->session(caller, id);
  if (!row) return fail(row.error());
  return json_reply(200, impl_->session_json(*row));
}

void Gateway::delete_session(const Caller& caller, const std::string& id, Answer answer) {
  const auto row = impl_->session(caller, id);
  if (!row) return answer(fail(row.error()));
  impl_->parts.sessions.remove(id, [impl = impl_.get(), id, answer = std::move(answer)](Result<> done) {
    if (!done) return answer(fail(done.error()));
    impl->queue_limit.forget(id);
    answer(json_reply(200, {{"message", "Session deleted successfully"}}));
  });
}

void Gateway::connect_session(const Caller& caller, const std::string& id, Answer answer) {
  const Impl::Change change = [impl = impl_.get(), caller, id](store::Database& db) -> Result<Reply> {
    const auto row = Impl::session(db, caller, id);
    if (!row) return fail(row.error());
    if (is_over(row->status)) return fail(ErrorCode::SESSION_NOT_ACTIVE, std::string(store::to_string(row->status)));
    store::sessions::set_wants_connection(db, id, true);
    const bool is_connected = row->status == SessionStatus::CONNECTED;
    return json_reply(200, {{"message", is_connected ? "Session is connected" : "Session is connecting"},
                            {"id", id},
                            {"status", is_connected ? "CONNECTED" : "CONNECTING"},
                            {"qr_url", impl->qr_url(*row)}});
  };
  impl_->commit(change, std::move(answer), [&sessions = impl_->parts.sessions, id] { sessions.connect(id); });
}

void Gateway::disconnect_session(const Caller& caller, const std::string& id, Answer answer) {
  const Impl::Change change = [impl = impl_.get(), caller, id](store::Database& db) -> Result<Reply> {
    const auto row = Impl::session(db, caller, id);
    if (!row) return fail(row.error());
    store::sessions::set_wants_connection(db, id, false);
    SessionStatus status = row->status;
    if (!is_over(status)) {
      status = SessionStatus::DISCONNECTED;
      const Time now = impl->now();
      const bool is_changed = store::sessions::set_status(db, id, status, "USER_REQUEST", now);
      const auto changed = store::sessions::find(db, id);
      if (is_changed && changed) events::session_status(db, *changed, row->status, 0, now, impl->parts.random);
    }
    return json_reply(200, {{"message", "Session disconnected successfully"},
                            {"id", id},
                            {"status", store::to_string(status)}});
  };
  impl_->commit(change, std::move(answer), [&sessions = impl_->parts.sessions, id] { sessions.disconnect(id); });
}

void Gateway::update_webhooks(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  std::optional<std::string> message_url, status_url;   // nothing: unchanged; "": cleared, as null does
  if (fields.is_present("message")) message_url = webhook_url(fields, "message");
  if (fields.is_present("status")) status_url = webhook_url(fields, "status");
  if (fields.error()) return answer(fail(*fields.error()));
  const Impl::Change change = [impl = impl_.get(), caller, id, message_url, status_url,
                               warnings = fields.warning_headers()](store::Database& db) -> Result<Reply> {
    auto row = Impl::session(db, caller, id);
    if (!row) return fail(row.error());
    row->webhook_message = message_url.value_or(row->webhook_message);
    row->webhook_status = status_url.value_or(row->webhook_status);
    store::sessions::set_webhooks(db, id, row->webhook_message, row->webhook_status);
    Reply reply = json_reply(200, impl->session_json(*row));
    add_headers(reply, warnings);
    return reply;
  };
  impl_->commit(change, std::move(answer));
}

Result<Reply> Gateway::webhook_secret(const Caller& caller, const std::string& id) {
  const auto row = impl_->session(caller, id);
  if (!row) return fail(row.error());
  return json_reply(200, {{"secret", row->webhook_secret}});
}

}  // namespace konekwa
