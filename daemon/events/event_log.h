// Makes events: an envelope with the session's next sequence, and a delivery for the webhook that wants it, inside the
// transaction of what the event reports. Signals kTopic, so that the dispatcher looks once they are durable.
//
// message.* goes to webhooks.message, session.* to webhooks.status. A session without that URL, or whose settings do
// not want the event, gets it for event streams only, and no delivery.
#pragma once

#include <optional>
#include <string>

#include "common/json.h"
#include "common/random.h"
#include "daemon/store/deliveries.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"

namespace konekwa::events {

inline constexpr const char* kTopic = "webhooks";

struct Draft {
  std::string session;
  std::string event_type;              // "message.received"
  std::string lane;                    // the chat; events of one lane reach a URL in order
  std::optional<Time> expires_at;      // no attempt after it (a QR code)
  bool is_delivered = true;            // false: kept for event streams only
};

// In a batch. Does nothing when the session is gone. `ids` makes the event's and the delivery's id.
void append(store::Database& db, const Draft& draft, const Json& data, Time now, Random& ids);

// The message events, of the row as it is after the change: message.received, and by its state message.sent,
// message.delivered, message.read or message.failed.
void message_received(store::Database& db, const store::MessageRow& row, Time now, Random& ids);
void message_changed(store::Database& db, const store::MessageRow& row, Time now, Random& ids);
// Sends a failed delivery once more, now: to the URL that its session has at present, or to the one it was made for.
void replay(store::Database& db, const store::DeliveryRow& row, const store::SessionRow& session, bool to_original_url,
            Time now);
// A session's status changes, and the event says so. Does nothing when it has that status and reason already.
void change_status(store::Database& db, const std::string& session, store::SessionStatus status,
                   const std::string& reason, int wa_code, Time now, Random& ids);
void session_status(store::Database& db, const store::SessionRow& row, store::SessionStatus previous, int wa_code,
                    Time now, Random& ids);
struct QrEvent { std::string qr; int sequence = 0; Time expires_at{}; int remaining_codes = 0; };
void session_qr(store::Database& db, const std::string& session, const QrEvent& qr, Time now, Random& ids);

Json message_json(const store::MessageRow& row);   // the message object of the API, absent = not known

}  // namespace konekwa::events
