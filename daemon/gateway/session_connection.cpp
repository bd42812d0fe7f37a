// Gateway: what connects a session, disconnects it, and links it anew.
#include <nlohmann/json.hpp>

#include "daemon/events/event_log.h"
#include "daemon/gateway/impl.h"

namespace konekwa {
namespace {

using store::SessionStatus;

bool is_over(SessionStatus status) { return status == SessionStatus::LOGGED_OUT || status == SessionStatus::BANNED; }

// Nobody tries to connect it, so that its status stays as it is until somebody asks for that.
bool is_at_rest(const store::SessionRow& row) {
  return row.status == SessionStatus::DISCONNECTED && (!row.wants_connection || row.status_reason == "QR_TIMEOUT" ||
                                                       row.status_reason == "STREAM_REPLACED");
}

// Codes are for a session that no phone vouches for.
Result<> check_unlinked(const store::SessionRow& row) {
  if (row.status == SessionStatus::CONNECTED) return fail(ErrorCode::SESSION_ALREADY_CONNECTED);
  if (is_over(row.status)) {
    return fail(ErrorCode::SESSION_NOT_ACTIVE,
                fmt::format("{}; POST /v1/sessions/{}/reset links it anew", store::to_string(row.status), row.id));
  }
  if (row.phone_number.empty()) return {};
  return fail(ErrorCode::SESSION_ALREADY_PAIRED,
              fmt::format("POST /v1/sessions/{0}/connect brings it online, /reset links it anew", row.id));
}

// What wants a connection says so at once: whoever asks for its status behind the answer must not see the old one.
void want_connection(store::Database& db, const store::SessionRow& row, Time now, Random& ids) {
  store::sessions::set_wants_connection(db, row.id, true);
  if (is_at_rest(row)) events::change_status(db, row.id, SessionStatus::CONNECTING, "", 0, now, ids);
}

}  // namespace

void Gateway::connect_session(const Caller& caller, const std::string& id, Answer answer) {
  const Impl::Change change = [impl = impl_.get(), caller, id](store::Database& db) -> Result<Reply> {
    const auto row = Impl::session(db, caller, id);
    if (!row) return fail(row.error());
    if (is_over(row->status)) return fail(ErrorCode::SESSION_NOT_ACTIVE, std::string(store::to_string(row->status)));
    want_connection(db, *row, impl->now(), impl->parts.random);
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
      events::change_status(db, id, status, "USER_REQUEST", 0, impl->now(), impl->parts.random);
    }
    return json_reply(200, {{"message", "Session disconnected successfully"},
                            {"id", id},
                            {"status", store::to_string(status)}});
  };
  impl_->commit(change, std::move(answer), [&sessions = impl_->parts.sessions, id] { sessions.disconnect(id); });
}

void Gateway::restart_qr(const Caller& caller, const std::string& id, Answer answer) {
  const Impl::Change change = [impl = impl_.get(), caller, id](store::Database& db) -> Result<Reply> {
    const auto row = Impl::session(db, caller, id);
    if (!row) return fail(row.error());
    if (auto unlinked = check_unlinked(*row); !unlinked) return fail(unlinked.error());
    want_connection(db, *row, impl->now(), impl->parts.random);
    return json_reply(200, {{"message", "QR restarted successfully"},
                            {"id", id},
                            {"status", "CONNECTING"},
                            {"qr_url", impl->qr_url(*row)}});
  };
  impl_->commit(change, std::move(answer), [&sessions = impl_->parts.sessions, id] { sessions.restart_qr(id); });
}

void Gateway::reset_session(const Caller& caller, const std::string& id, Answer answer) {
  const auto row = impl_->session(caller, id);
  if (!row) return answer(fail(row.error()));
  Json body = {{"message", "Session reset successfully"},
               {"id", id},
               {"status", "CONNECTING"},
               {"qr_url", impl_->qr_url(*row)}};
  const bool was_linked = !row->phone_number.empty() && !is_over(row->status);
  impl_->parts.sessions.reset(id, [body, was_linked, answer = std::move(answer)](Result<bool> is_told) mutable {
    if (!is_told) return answer(fail(is_told.error()));
    if (was_linked && !*is_told) body["details"] = kNotTold;
    answer(json_reply(200, body));
  });
}

}  // namespace konekwa
