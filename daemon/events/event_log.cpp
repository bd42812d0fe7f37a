#include "daemon/events/event_log.h"

#include "common/id.h"
#include "daemon/events/event_types.h"
#include "daemon/events/message_data.h"
#include "daemon/store/deliveries.h"
#include "daemon/store/devices.h"
#include "daemon/store/webhooks.h"

#include <nlohmann/json.hpp>

namespace konekwa::events {
namespace {

using store::SessionRow;
using store::SessionStatus;

constexpr const char* kSessionLane = "session";   // a Jid has an @ in it, so no chat is called this

struct Target {
  std::string name;   // "message" or "status"
  std::string url;    // "" when the session has none
};

Target target_of(const std::string& event_type, const SessionRow& session) {
  if (event_type.rfind("message.", 0) == 0) return {"message", session.webhook_message};
  return {"status", session.webhook_status};
}

// Text from the network may hold octets that are no UTF-8; the envelope must not fail for them.
std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string envelope(const store::EventRow& row, const Json& data) {
  Json out;
  out["id"] = row.id;
  out["event_type"] = row.event_type;
  out["api_version"] = "v1";
  out["session_id"] = row.session;
  out["sequence"] = row.sequence;
  out["timestamp"] = to_rfc3339(row.created_at);
  out["data"] = data;
  return to_text(out);
}

store::EventRow event_of(store::Database& db, const Draft& draft, const Json& data, const SessionRow& session, Time now,
                         Random& ids) {
  store::EventRow row;
  row.id = new_ordered_id("evt_", now, ids);
  row.tenant = session.tenant;
  row.session = session.id;
  row.sequence = store::sessions::next_event_sequence(db, session.id);
  row.event_type = draft.event_type;
  row.created_at = now;
  row.body = envelope(row, data);
  return row;
}

// None of the first two has a space in it.
std::string lane_of(const std::string& url, const std::string& session, const std::string& chat) {
  return url + " " + session + " " + chat;
}

store::DeliveryRow delivery_of(const store::EventRow& event, const Draft& draft, const Target& target, Random& ids) {
  store::DeliveryRow row;
  row.id = new_ordered_id("wh_", event.created_at, ids);
  row.event_id = event.id;
  row.session = event.session;
  row.event_type = event.event_type;
  row.target = target.name;
  row.url = target.url;
  row.lane = lane_of(target.url, event.session, draft.lane);
  row.next_attempt_at = event.created_at;
  row.expires_at = draft.expires_at;
  row.created_at = event.created_at;
  return row;
}

struct Advice {
  SessionStatus status;
  std::string_view reason;   // "" = any
  std::string_view action;
};

// What a person can do about a status. The first row that fits counts.
constexpr Advice kAdvice[] = {
    {SessionStatus::LOGGED_OUT, "", "RESET_AND_SCAN"},
    {SessionStatus::BANNED, "", "RESET_AND_SCAN"},
    {SessionStatus::WAITING_QR, "", "SCAN_QR"},
    {SessionStatus::DISCONNECTED, "QR_TIMEOUT", "RESTART_QR"},
    {SessionStatus::DISCONNECTED, "STREAM_REPLACED", "CONNECT"},
    {SessionStatus::DISCONNECTED, "RESTORED", "CONNECT"},
    {SessionStatus::CLIENT_OUTDATED, "", "UPDATE_KONEKWA"},
    {SessionStatus::FAILED, "", "CONNECT"},
};

std::string_view action_required(const SessionRow& row) {
  for (const Advice& advice : kAdvice) {
    const bool is_reason = advice.reason.empty() || advice.reason == row.status_reason;
    if (advice.status == row.status && is_reason) return advice.action;
  }
  return "";
}

Json session_json(const SessionRow& row) {
  Json out;
  out["id"] = row.id;
  out["name"] = row.name;
  if (!row.phone_number.empty()) out["phone_number"] = row.phone_number;
  return out;
}

void append_message_event(store::Database& db, const store::MessageRow& row, const std::string& event_type,
                          const Json& data, Time now, Random& ids) {
  Draft draft;
  draft.session = row.session;
  draft.event_type = event_type;
  draft.lane = row.chat_id;
  draft.is_delivered = row.source.empty();   // what the owner types on the phone concerns few
  append(db, draft, data, now, ids);
}

// The same person's chat under the number or the LID, whichever it is not; "" when that is not known.
std::string other_address(store::Database& db, const std::string& session, const std::string& chat) {
  constexpr std::string_view kNumber = "@s.whatsapp.net", kLid = "@lid";
  const std::string user = chat.substr(0, chat.find('@'));
  const auto with = [](const std::optional<std::string>& found, std::string_view server) {
    return found ? *found + std::string(server) : "";
  };
  if (chat.ends_with(kLid)) return with(store::devices::pn_of(db, session, user), kNumber);
  if (chat.ends_with(kNumber)) return with(store::devices::lid_of(db, session, user), kLid);
  return "";
}

// Does the receiver want it?
bool is_wanted(store::Database& db, const Draft& draft) {
  const store::WebhookSettings settings = store::webhooks::find(db, draft.session);
  if (!wants_event(settings, draft.event_type)) return false;
  return settings.ignore_chats.empty() ||
         !ignores_chat(settings, draft.lane, other_address(db, draft.session, draft.lane));
}

// What people ask for who want a word of its own for these.
std::string_view alias_of(SessionStatus status) {
  switch (status) {
    case SessionStatus::CONNECTED: return "session.connected";
    case SessionStatus::DISCONNECTED: return "session.disconnected";
    case SessionStatus::LOGGED_OUT: return "session.logged_out";
    default: return "";
  }
}

}  // namespace

void append(store::Database& db, const Draft& draft, const Json& data, Time now, Random& ids) {
  const auto session = store::sessions::find(db, draft.session);
  if (!session) return;
  const store::EventRow event = event_of(db, draft, data, *session, now, ids);
  store::deliveries::insert_event(db, event);
  const Target target = target_of(draft.event_type, *session);
  if (draft.is_delivered && !target.url.empty() && is_wanted(db, draft)) {
    store::deliveries::insert(db, delivery_of(event, draft, target, ids));
  }
  db.signal(kTopic);
}

void message_received(store::Database& db, const store::MessageRow& row, Time now, Random& ids) {
  append_message_event(db, row, "message.received", Json{{"message", message_json(row)}}, now, ids);
}

void message_changed(store::Database& db, const store::MessageRow& row, Time now, Random& ids) {
  const std::string event_type = change_event_type(row.state);
  if (event_type.empty()) return;
  append_message_event(db, row, event_type, change_data(row), now, ids);
}

void replay(store::Database& db, const store::DeliveryRow& row, const SessionRow& session, bool to_original_url,
            Time now) {
  const std::string present = target_of(row.event_type, session).url;
  const std::string& url = to_original_url || present.empty() ? row.url : present;
  const std::string chat = row.lane.substr(std::min(row.lane.size(), row.url.size() + row.session.size() + 2));
  store::deliveries::replay(db, row, url, lane_of(url, row.session, chat), now);
  db.signal(kTopic);
}

void session_status(store::Database& db, const SessionRow& row, SessionStatus previous, int wa_code, Time now,
                    Random& ids) {
  Json data;
  data["session"] = session_json(row);
  data["previous_status"] = store::to_string(previous);
  data["status"] = store::to_string(row.status);
  if (!row.status_reason.empty()) data["status_reason"] = row.status_reason;
  if (wa_code != 0) data["wa_code"] = wa_code;
  if (const auto action = action_required(row); !action.empty()) data["action_required"] = action;
  append(db, Draft{row.id, "session.status", kSessionLane, std::nullopt, true}, data, now, ids);
  const std::string alias(alias_of(row.status));
  if (alias.empty() || !wants_event(store::webhooks::find(db, row.id), alias)) return;
  append(db, Draft{row.id, alias, kSessionLane, std::nullopt, true}, data, now, ids);
}

void change_status(store::Database& db, const std::string& session, SessionStatus status, const std::string& reason,
                   int wa_code, Time now, Random& ids) {
  const auto before = store::sessions::find(db, session);
  if (!before || !store::sessions::set_status(db, session, status, reason, now)) return;
  session_status(db, *store::sessions::find(db, session), before->status, wa_code, now, ids);
}

void session_qr(store::Database& db, const std::string& session, const QrEvent& qr, Time now, Random& ids) {
  Json data;
  data["qr"] = qr.qr;
  data["qr_sequence"] = qr.sequence;
  data["expires_at"] = to_rfc3339(qr.expires_at);
  data["remaining_codes"] = qr.remaining_codes;
  data["image_url"] = "/api/v1/qr/" + session + "/image";
  append(db, Draft{session, "session.qr", kSessionLane, qr.expires_at, true}, data, now, ids);
}

}  // namespace konekwa::events
