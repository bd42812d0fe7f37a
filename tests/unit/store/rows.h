// Rows with everything set that a test does not care about.
#pragma once

#include "daemon/store/deliveries.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"

namespace konekwa::test {

inline Time at(std::int64_t second) { return from_unix_seconds(1'773'137'400 + second); }

inline store::SessionRow session_row(const std::string& id, const std::string& tenant = "default") {
  store::SessionRow row;
  row.id = id;
  row.tenant = tenant;
  row.name = "CS WhatsApp";
  row.webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  row.created_at = row.updated_at = at(0);
  return row;
}

inline store::MessageRow outbound_row(const std::string& id, const std::string& session = "ses_a") {
  store::MessageRow row;
  row.id = id;
  row.tenant = "default";
  row.session = session;
  row.recipient = "6281234567890";
  row.chat_id = "6281234567890@s.whatsapp.net";
  row.content = "Hello from Konekwa!";
  row.wa_message_id = "3EB0" + id;
  row.created_at = at(0);
  return row;
}

inline store::MessageRow inbound_row(const std::string& id, const std::string& session = "ses_a") {
  store::MessageRow row = outbound_row(id, session);
  row.outbound = false;
  row.state = store::MessageState::RECEIVED;
  row.sender = "6289876543210";
  row.chat_id = "6289876543210@s.whatsapp.net";
  return row;
}

// An event and its delivery. `lane` is taken as it is.
inline void add_delivery(store::Database& db, const std::string& id, const std::string& lane, Time due,
                         const std::string& url = "https://example.com/hook", const std::string& session = "ses_a") {
  store::EventRow event;
  event.id = "evt_" + id;
  event.tenant = "default";
  event.session = session;
  event.sequence = store::sessions::next_event_sequence(db, session);
  event.event_type = "message.received";
  event.body = "{\"id\":\"evt_" + id + "\"}";
  event.created_at = due;
  store::deliveries::insert_event(db, event);

  store::DeliveryRow row;
  row.id = id;
  row.event_id = event.id;
  row.session = session;
  row.event_type = event.event_type;
  row.target = "message";
  row.url = url;
  row.lane = lane;
  row.next_attempt_at = due;
  row.created_at = due;
  store::deliveries::insert(db, row);
}

}  // namespace konekwa::test
