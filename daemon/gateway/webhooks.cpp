// Gateway: where events of a session go, and what did not arrive there.
#include <nlohmann/json.hpp>

#include "daemon/events/event_log.h"
#include "daemon/events/webhook_dispatcher.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/page_token.h"
#include "daemon/net/web_client.h"
#include "daemon/store/deliveries.h"

namespace konekwa {
namespace {

using store::DeliveryRow;
using store::DeliveryState;

constexpr Duration kSecretOverlap = hours(24);   // after a rotation both secrets sign
constexpr int kAllMax = 1'000;                   // of the list without page_size

// What people put into a URL to authorise it is nobody's business in a list.
std::string masked_url(std::string url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t at = url.rfind('@', path);
  if (const std::size_t query = url.find('?', path); query != std::string::npos) url.replace(query, url.size(), "?***");
  if (at != std::string::npos && at >= host) url.replace(host, at - host, "***");
  return url;
}

// The documented keys come first, in the documented order.
Json failed_json(const DeliveryRow& row) {
  Json out = {{"id", row.id},       {"session_id", row.session}, {"url", masked_url(row.url)},
              {"event_type", row.event_type}, {"error", row.error}, {"attempts", row.attempts}};
  if (row.last_attempt_at) out["last_attempt_at"] = to_rfc3339(*row.last_attempt_at);
  out["created_at"] = to_rfc3339(row.created_at);
  out["state"] = row.state == DeliveryState::DEAD ? "dead" : "retrying";
  if (row.state == DeliveryState::RETRYING) out["next_attempt_at"] = to_rfc3339(row.next_attempt_at);
  out["event_id"] = row.event_id;
  if (row.http_status) out["http_status"] = *row.http_status;
  return out;
}

Result<store::deliveries::FailedFilter> read_filter(const Caller& caller, const Gateway::Query& query) {
  store::deliveries::FailedFilter out;
  out.tenant = caller.sees_every_tenant ? "" : caller.tenant;
  out.allowed_sessions = caller.sessions;
  out.session = find_parameter(query, "session_id");
  out.event_type = find_parameter(query, "event_type");
  const std::string state = find_parameter(query, "state");
  if (state == "retrying") out.state = DeliveryState::RETRYING;
  else if (state == "dead") out.state = DeliveryState::DEAD;
  else if (!state.empty()) return fail(ErrorCode::INVALID_REQUEST, "state must be retrying or dead");
  if (const std::string since = find_parameter(query, "since"); !since.empty()) {
    out.since = from_rfc3339(since);
    if (!out.since) return fail(ErrorCode::INVALID_DATE, "since must be such as 2026-03-10T10:30:00Z");
  }
  return out;
}

std::string fingerprint_of(const store::deliveries::FailedFilter& filter) {
  return fmt::format("failed webhooks\n{}\n{}\n{}\n{}\n{}\n{}", filter.tenant,
                     fmt::join(filter.allowed_sessions, ","), filter.session, filter.event_type,
                     filter.state ? static_cast<int>(*filter.state) : -1, filter.since ? unix_ms(*filter.since) : -1);
}

}  // namespace

std::string read_webhook_url(JsonFields& fields, const std::string& name) {
  std::string url = fields.text(name).value_or("");
  if (url.empty()) return url;
  const std::string problem = net::url_problem(url);
  if (!problem.empty()) fields.refuse(name, ErrorCode::INVALID_WEBHOOK_URL, ": " + problem);
  return url;
}

void Gateway::update_webhooks(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  std::optional<std::string> message_url, status_url;   // nothing: unchanged; "": cleared, as null does
  if (fields.is_present("message")) message_url = read_webhook_url(fields, "message");
  if (fields.is_present("status")) status_url = read_webhook_url(fields, "status");
  if (fields.error()) return answer(fail(*fields.error()));
  const Impl::Edit edit = [message_url, status_url](store::Database& db, store::SessionRow& row) {
    store::sessions::set_webhooks(db, row.id, message_url.value_or(row.webhook_message),
                                  status_url.value_or(row.webhook_status));
  };
  impl_->commit(impl_->edit_session(caller, id, edit, fields.warning_headers()), std::move(answer));
}

Result<Reply> Gateway::webhook_secret(const Caller& caller, const std::string& id) {
  const auto row = impl_->session(caller, id);
  if (!row) return fail(row.error());
  return json_reply(200, {{"secret", row->webhook_secret}});
}

void Gateway::rotate_webhook_secret(const Caller& caller, const std::string& id, Answer answer) {
  const std::string secret = events::new_webhook_secret(impl_->parts.random);
  impl_->commit(
      [caller, id, secret, until = impl_->now() + kSecretOverlap](store::Database& db) -> Result<Reply> {
        const auto row = Impl::session(db, caller, id);
        if (!row) return fail(row.error());
        store::sessions::rotate_webhook_secret(db, id, secret, until);
        return json_reply(200, {{"secret", secret}, {"previous_valid_until", to_rfc3339(until)}});
      },
      std::move(answer));
}

Result<Reply> Gateway::list_failed_webhooks(const Caller& caller, const Query& query) {
  const auto filter = read_filter(caller, query);
  if (!filter) return fail(filter.error());
  const std::string fingerprint = fingerprint_of(*filter);
  const auto wanted = read_optional_page(query, fingerprint, kAllMax);
  if (!wanted) return fail(wanted.error());
  auto page = impl_->parts.readers.get<store::deliveries::FailedPage>([&](store::Database& db) {
    return store::deliveries::list_failed(db, *filter, wanted->before, wanted->size);
  });
  if (!page) return fail(page.error());
  Json body = {{"webhooks", Json::array()}};
  for (const DeliveryRow& row : page->rows) body["webhooks"].push_back(failed_json(row));
  if (page->more) body["next_page_token"] = make_page_token(page->rows.back().position, fingerprint);
  body["total_count"] = page->total_count;
  return json_reply(200, body);
}

void Gateway::replay_webhook(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  const std::string url = fields.text("url").value_or("");
  if (!url.empty() && url != "original") {
    fields.refuse("url", ErrorCode::INVALID_REQUEST, "must be \"original\", or left out for the session's present URL");
  }
  if (fields.error()) return answer(fail(*fields.error()));
  impl_->commit(
      [caller, id, is_original = !url.empty(), now = impl_->now()](store::Database& db) -> Result<Reply> {
        const auto row = store::deliveries::find_unsettled(db, id);
        if (!row) return fail(ErrorCode::WEBHOOK_NOT_FOUND, id);
        const auto session = Impl::session(db, caller, row->session);
        if (!session && session.error().code == ErrorCode::SESSION_NOT_FOUND) {
          return fail(ErrorCode::WEBHOOK_NOT_FOUND, id);   // another tenant's
        }
        if (!session) return fail(session.error());
        events::replay(db, *row, *session, is_original, now);
        return json_reply(200, {{"message", "Webhook replay queued successfully"}, {"webhook_id", id}});
      },
      std::move(answer));
}

}  // namespace konekwa
