// Gateway: sessions. What connects and disconnects them is in session_connection.cpp.
#include <mutex>

#include <nlohmann/json.hpp>

#include "common/id.h"
#include "common/proxy_url.h"
#include "common/webhook_signature.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/webhook_settings.h"
#include "daemon/store/deliveries.h"

namespace konekwa {
namespace {

using store::SessionStatus;

constexpr Duration kRestrictionLifetime = hours(24);

void put_time(Json& to, const char* name, const std::optional<Time>& at) {
  if (at) to[name] = to_rfc3339(*at);
}

struct SessionSettings {
  std::optional<bool> auto_read, auto_typing;
};

SessionSettings read_settings(JsonFields& fields) {
  SessionSettings out;
  out.auto_read = fields.flag("auto_read");
  out.auto_typing = fields.flag("auto_typing");
  return out;
}

std::string read_proxy_url(JsonFields& fields) {
  const std::string url = fields.text("proxy_url").value_or("");
  if (url.empty()) return url;
  const auto parsed = parse_proxy_url(url);
  if (!parsed) fields.refuse("proxy_url", ErrorCode::INVALID_PROXY_URL, ": " + parsed.error().details);
  return url;
}

// How its queues are: what a person asks first when messages do not arrive.
Json health_json(store::Database& db, const std::string& id, const session::Liveness& liveness, Time now) {
  Json out = Json::object();
  put_time(out, "last_frame_at", liveness.last_frame_at);
  put_time(out, "last_ack_at", liveness.last_ack_at);
  out["queued"] = store::messages::count_waiting(db, id);
  if (const auto oldest = store::messages::oldest_waiting_at(db, id)) {
    out["oldest_queued_age_s"] = std::chrono::duration_cast<seconds>(now - *oldest).count();
  }
  const auto webhooks = store::deliveries::meters(db, id);
  out["webhook_pending"] = webhooks.pending;
  if (webhooks.oldest_pending_at) {
    out["webhook_oldest_age_s"] = std::chrono::duration_cast<seconds>(now - *webhooks.oldest_pending_at).count();
  }
  put_time(out, "webhook_last_success_at", webhooks.last_success_at);
  if (webhooks.last_error) out["webhook_last_error"] = *webhooks.last_error;
  return out;
}

// Those that last; of one whose end was not told, for a day.
Json restrictions_json(const store::SessionRow& row, Time now) {
  Json out = Json::array();
  if (row.restrictions.empty()) return out;
  for (Json& one : Json::parse(row.restrictions)) {
    const auto until = from_rfc3339(one.value("until", std::string()));
    const auto since = from_rfc3339(one.value("since", std::string()));
    if (row.status == SessionStatus::CONNECTED && one["applies_to"] == "account") continue;   // it was lifted
    const Time end = until ? *until : since.value_or(now) + kRestrictionLifetime;
    if (end > now) out.push_back(std::move(one));
  }
  return out;
}

struct NewSession {
  store::SessionRow row;
  WebhookChange webhooks;
  std::optional<Error> error;
  std::vector<std::pair<std::string, std::string>> warnings;
};

NewSession read_session(const std::string& body, std::string_view default_country) {
  NewSession out;
  JsonFields fields(body);
  out.row.name = fields.required_text("name");
  check_name(fields, out.row.name);
  if (auto id = fields.text("id")) {
    if (!is_object_id(*id)) fields.refuse("id", ErrorCode::INVALID_REQUEST, "must be 1 to 64 of A-Z a-z 0-9 _ -");
    out.row.id = std::move(*id);
    out.row.id_was_chosen = true;
  }
  out.row.proxy_url = read_proxy_url(fields);
  std::optional<Error> nested;
  if (auto webhooks = fields.nested("webhooks")) {
    out.webhooks = read_webhook_change(*webhooks, default_country);
    out.row.webhook_message = out.webhooks.message_url.value_or("");
    out.row.webhook_status = out.webhooks.status_url.value_or("");
    nested = webhooks->error();
    out.warnings = webhooks->warning_headers();
  }
  if (auto settings = fields.nested("settings")) {
    const SessionSettings wanted = read_settings(*settings);
    out.row.auto_read = wanted.auto_read.value_or(false);
    out.row.auto_typing = wanted.auto_typing.value_or(false);
    if (!nested) nested = settings->error();
    for (auto& header : settings->warning_headers()) out.warnings.push_back(std::move(header));
  }
  out.error = fields.error() ? fields.error() : nested;
  for (auto& header : fields.warning_headers()) out.warnings.push_back(std::move(header));
  return out;
}

}  // namespace

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
  out["settings"] = {{"auto_read", row.auto_read}, {"auto_typing", row.auto_typing}};
  if (!row.proxy_url.empty()) out["proxy_url"] = masked_proxy_url(row.proxy_url);
  out["restrictions"] = restrictions_json(row, now());
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
  NewSession made = read_session(body, impl_->options.default_country);
  if (made.error) return answer(fail(*made.error));
  const Time now = impl_->now();
  made.row.tenant = caller.acting_tenant();
  if (made.row.id.empty()) made.row.id = new_random_id("ses_", impl_->parts.random);
  made.row.webhook_secret = new_webhook_secret(impl_->parts.random);
  made.row.created_at = made.row.updated_at = now;
  const std::string id = made.row.id;
  const auto is_replay = std::make_shared<bool>(false);
  const Impl::Change change = [impl = impl_.get(), made = std::move(made), key = *key, now, is_replay](
                                  store::Database& db) -> Result<Reply> {
    auto first = find_first_reply(db, key, now);
    if (!first) return fail(first.error());
    *is_replay = first->has_value();
    if (*is_replay) return std::move(**first);
    if (store::sessions::exists(db, made.row.id)) return fail(ErrorCode::SESSION_EXISTS, made.row.id);
    store::tenants::ensure(db, made.row.tenant, now);
    store::sessions::insert(db, made.row);
    store::WebhookSettings webhooks;
    made.webhooks.apply(webhooks);
    if (made.webhooks.changes_settings()) store::webhooks::put(db, made.row.id, webhooks);
    // The documented keys of the 201 come first, in the documented order.
    Json shown = {{"id", made.row.id}, {"name", made.row.name}, {"status", store::to_string(made.row.status)},
                  {"qr_url", impl->qr_url(made.row)}, {"created_at", to_rfc3339(now)}};
    Json whole = impl->session_json(made.row);
    put_webhook_settings(whole["webhooks"], webhooks);
    for (const char* more : {"webhooks", "settings", "proxy_url"}) {
      if (whole.contains(more)) shown[more] = whole[more];
    }
    Reply reply = json_reply(201, shown);
    keep_reply(db, key, reply, now);
    add_headers(reply, made.warnings);
    return reply;
  };
  impl_->commit(change, std::move(answer), [&sessions = impl_->parts.sessions, id, is_replay] {
    if (!*is_replay) sessions.connect(id);
  });
}

Result<std::vector<store::SessionRow>> Gateway::Impl::visible_sessions(const Caller& caller) {
  const std::string tenant = caller.sees_every_tenant ? "" : caller.tenant;
  return parts.readers.get<std::vector<store::SessionRow>>(
      [&](store::Database& db) { return store::sessions::list(db, tenant, caller.sessions); });
}

Result<Reply> Gateway::list_sessions(const Caller& caller) {
  const auto rows = impl_->visible_sessions(caller);
  if (!rows) return fail(rows.error());
  Json list = Json::array();
  for (const store::SessionRow& row : *rows) list.push_back(impl_->session_json(row));
  return json_reply(200, {{"sessions", std::move(list)}});
}

Result<Reply> Gateway::show_session(const Caller& caller, const std::string& id) {
  Result<Json> shown;
  auto read = impl_->parts.readers.read([&](store::Database& db) {
    const auto row = Impl::session(db, caller, id);
    if (!row) {
      shown = fail(row.error());
      return;
    }
    shown = impl_->session_json(*row);
    put_webhook_settings((*shown)["webhooks"], store::webhooks::find(db, id));
    (*shown)["health"] = health_json(db, id, impl_->parts.sessions.liveness(id), impl_->now());
  });
  if (!read) return fail(read.error());
  if (!shown) return fail(shown.error());
  return json_reply(200, *shown);
}

Gateway::Impl::Change Gateway::Impl::edit_session(const Caller& caller, const std::string& id, Edit edit,
                                                  std::vector<std::pair<std::string, std::string>> warnings) {
  return [this, caller, id, edit = std::move(edit), warnings = std::move(warnings)](
             store::Database& db) -> Result<Reply> {
    auto row = session(db, caller, id);
    if (!row) return fail(row.error());
    edit(db, *row);
    Json shown = session_json(*store::sessions::find(db, id));
    put_webhook_settings(shown["webhooks"], store::webhooks::find(db, id));
    Reply reply = json_reply(200, shown);
    add_headers(reply, warnings);
    return reply;
  };
}

void Gateway::update_session(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  fields.require_any({"name", "proxy_url"});
  const auto name = fields.text("name");
  if (name) fields.require(!name->empty(), "name");
  check_name(fields, name.value_or(""));
  std::optional<std::string> proxy;   // nothing: unchanged; "": direct, as null is
  if (fields.is_present("proxy_url")) proxy = read_proxy_url(fields);
  if (fields.error()) return answer(fail(*fields.error()));
  const Impl::Edit edit = [name, proxy, now = impl_->now()](store::Database& db, store::SessionRow& row) {
    if (name) store::sessions::set_name(db, row.id, *name, now);
    if (proxy) store::sessions::set_proxy(db, row.id, *proxy, now);
  };
  impl_->commit(impl_->edit_session(caller, id, edit, fields.warning_headers()), std::move(answer),
                [&sessions = impl_->parts.sessions, id, is_proxy_changed = proxy.has_value()] {
                  if (is_proxy_changed) sessions.reconnect(id);
                });
}

void Gateway::update_settings(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  const SessionSettings settings = read_settings(fields);
  if (fields.error()) return answer(fail(*fields.error()));
  const Impl::Edit edit = [settings, now = impl_->now()](store::Database& db, store::SessionRow& row) {
    store::sessions::set_settings(db, row.id, settings.auto_read.value_or(row.auto_read),
                                  settings.auto_typing.value_or(row.auto_typing), now);
  };
  impl_->commit(impl_->edit_session(caller, id, edit, fields.warning_headers()), std::move(answer),
                [&sessions = impl_->parts.sessions, id] { sessions.apply_settings(id); });
}

void Gateway::delete_session(const Caller& caller, const std::string& id, Answer answer) {
  const auto row = impl_->session(caller, id);
  if (!row) return answer(fail(row.error()));
  impl_->parts.sessions.remove(
      id, [impl = impl_.get(), id, was_linked = !row->phone_number.empty(), answer = std::move(answer)](
              Result<bool> is_told) {
        if (!is_told) return answer(fail(is_told.error()));
        impl->queue_limit.forget(id);
        Json body = {{"message", "Session deleted successfully"}};
        if (was_linked && !*is_told) body["details"] = kNotTold;
        answer(json_reply(200, body));
      });
}

void Gateway::delete_sessions(const Caller& caller, Answer answer) {
  if (!impl_->options.allow_bulk_delete) {
    const char* why = "deleting all sessions at once is switched off";
    return answer(fail(Error(ErrorCode::FORBIDDEN, why, "the setting allow-bulk-delete of konekwad")));
  }
  const auto rows = impl_->visible_sessions(caller);
  if (!rows) return answer(fail(rows.error()));
  // The last to go answers, with the first thing that went wrong.
  struct Progress {
    std::mutex mutex;
    std::size_t left = 0, deleted = 0;
    std::optional<Error> error;
  };
  const auto progress = std::make_shared<Progress>();
  progress->left = rows->size() + 1;
  const auto one_less = [progress, answer = std::move(answer)](const std::optional<Error>& why, bool is_one) {
    {
      const std::lock_guard lock(progress->mutex);
      if (why && !progress->error) progress->error = why;
      if (is_one && !why) ++progress->deleted;
      if (--progress->left > 0) return;
    }
    if (progress->error) return answer(fail(*progress->error));
    answer(json_reply(200, {{"message", "All sessions deleted successfully"}, {"deleted_count", progress->deleted}}));
  };
  for (const store::SessionRow& row : *rows) {
    impl_->parts.sessions.remove(row.id, [impl = impl_.get(), id = row.id, one_less](Result<bool> is_told) {
      if (!is_told) return one_less(is_told.error(), true);
      impl->queue_limit.forget(id);
      one_less(std::nullopt, true);
    });
  }
  one_less(std::nullopt, false);
}

}  // namespace konekwa
