// Gateway: what needs no key, and what tells how the daemon is.
#include <nlohmann/json.hpp>

#include "daemon/gateway/impl.h"
#include "daemon/gateway/qr_link.h"
#include "daemon/store/deliveries.h"

namespace konekwa {
namespace {

using store::SessionStatus;

Result<store::SessionRow> find(store::Readers& readers, const std::string& id) {
  auto found = readers.get<std::optional<store::SessionRow>>(
      [&](store::Database& db) { return store::sessions::find(db, id); });
  if (!found) return fail(found.error());
  if (!*found) return fail(ErrorCode::SESSION_NOT_FOUND, id);
  return std::move(**found);
}

}  // namespace

bool Gateway::Impl::needs_link(const store::SessionRow& row) const {
  return row.id_was_chosen || options.public_qr == GatewayOptions::PublicQr::Signed;
}

std::string Gateway::Impl::qr_url(const store::SessionRow& row) {
  const std::string url = "/api/v1/qr/" + row.id + "/image";
  return needs_link(row) ? url + "?t=" + sign_qr_link(qr_link_key, row.id, now() + kQrLinkLifetime) : url;
}

Result<QrView> Gateway::qr(const std::string& session, const std::string& link_token, const Caller* caller) {
  const auto row = find(impl_->parts.readers, session);
  const bool is_off = impl_->options.public_qr == GatewayOptions::PublicQr::Off;
  const bool may_read = row && caller != nullptr && caller->sees(row->tenant) && caller->may("sessions:read") &&
                        caller->may_use(row->id);
  if (is_off && !may_read) return fail(ErrorCode::NOT_FOUND, "public QR codes are off");
  if (!row) return fail(row.error());
  const Time now = impl_->now();
  if (impl_->needs_link(*row) && !may_read && !is_qr_link_valid(impl_->qr_link_key, session, link_token, now)) {
    return fail(ErrorCode::INVALID_QR_TOKEN);
  }
  QrView view;
  view.session = row->id;
  view.status = store::to_string(row->status);
  view.status_reason = row->status_reason;
  const auto code = impl_->parts.sessions.qr(session);
  if (!code || code->expires_at <= now || row->status == SessionStatus::CONNECTED) return view;
  view.status = store::to_string(SessionStatus::WAITING_QR);
  view.status_reason.clear();
  view.qr = code->text;
  view.sequence = code->sequence;
  view.remaining_codes = code->remaining_codes;
  view.issued_at = code->issued_at;
  view.expires_at = code->expires_at;
  return view;
}

Result<Reply> Gateway::public_status(const std::string& session) {
  const auto row = find(impl_->parts.readers, session);
  if (!row) return fail(row.error());
  return json_reply(200, {{"id", row->id},
                          {"status", store::to_string(row->status)},
                          {"connected", row->status == SessionStatus::CONNECTED},
                          {"updated_at", to_rfc3339(row->updated_at)}});
}

Reply Gateway::server_status() {
  const bool is_healthy = impl_->parts.writer.is_healthy();
  return json_reply(200, {{"status", is_healthy ? "ok" : "error"}, {"version", KONEKWA_VERSION}});
}

Reply Gateway::health(bool for_admin) {
  const bool is_healthy = impl_->parts.writer.is_healthy();
  const auto uptime_s = std::chrono::duration_cast<seconds>(impl_->now() - impl_->started_at).count();
  Json body = {{"status", is_healthy ? "ok" : "error"},
               {"version", KONEKWA_VERSION},
               {"uptime_s", uptime_s},
               {"database", is_healthy ? "ok" : "unavailable"}};
  if (for_admin) {
    const auto totals = impl_->parts.readers.get<store::sessions::Totals>(store::sessions::totals);
    if (totals) body["sessions"] = {{"total", totals->total}, {"connected", totals->connected}};
    body["data_dir"] = impl_->parts.data_dir;
    body["whatsapp_url"] = impl_->options.whatsapp_url;
  }
  return json_reply(is_healthy ? 200 : 503, body);
}

// Unlike health() it reads: a load balancer wants to know whether a request would be answered.
Reply Gateway::ready() {
  const bool takes_writes = impl_->parts.writer.is_healthy();
  const auto read = impl_->parts.readers.read([](store::Database& db) { db.integer("SELECT 1 FROM facts LIMIT 1"); });
  const bool is_ready = takes_writes && read;
  Json checks = {{"database_writes", takes_writes ? "ok" : "the disk takes no writes; see the log"},
                 {"database_reads", read ? "ok" : read.error().text()}};
  return json_reply(is_ready ? 200 : 503, {{"status", is_ready ? "ready" : "not_ready"}, {"checks", checks}});
}

Result<Totals> Gateway::totals() {
  Totals out;
  auto read = impl_->parts.readers.read([&](store::Database& db) {
    for (const auto& [status, count] : store::sessions::count_by_status(db)) {
      out.sessions_by_status.emplace_back(store::to_string(status), count);
    }
    out.messages_waiting = store::sessions::count_waiting_messages(db);
    out.events_made = store::deliveries::last_event_position(db);
    const auto webhooks = store::deliveries::totals(db);
    out.webhooks_pending = webhooks.pending;
    out.webhooks_failed = webhooks.failed;
    if (webhooks.oldest_pending_at) {
      out.webhooks_oldest_age = std::max(Duration(0), impl_->now() - *webhooks.oldest_pending_at);
    }
  });
  if (!read) return fail(read.error());
  out.messages_accepted = impl_->accepted;
  out.is_storage_healthy = impl_->parts.writer.is_healthy();
  return out;
}

}  // namespace konekwa
