// The table of sessions: what the API shows of a linked number, and where it belongs.
// Every function takes a connection: a reader's, or the writer's inside a batch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

enum class SessionStatus : std::uint8_t {
  CREATED, CONNECTING, WAITING_QR, PASSKEY_REQUIRED, CONNECTED, DISCONNECTED, LOGGED_OUT, BANNED,
  CLIENT_OUTDATED, FAILED
};
std::string_view to_string(SessionStatus status);
std::optional<SessionStatus> session_status_from(std::string_view text);

struct SessionRow {
  std::string id;
  std::string tenant;
  std::string name;
  SessionStatus status = SessionStatus::CREATED;
  std::string status_reason;        // "" or a word such as USER_REQUEST
  std::string phone_number;         // digits; "" until linked
  std::string push_name;
  std::string webhook_message;      // URL or ""
  std::string webhook_status;       // URL or ""
  std::string webhook_secret;       // "whsec_..."
  std::string webhook_secret_previous;             // signs too until then; "" when there was no rotation
  std::optional<Time> webhook_secret_previous_until;
  std::string proxy_url;            // with its credentials; "": direct
  bool auto_read = false;
  bool auto_typing = false;
  std::string endpoint_url;         // the network it was linked to; "" until first connected
  std::string endpoint_root_key;    // hex
  std::string endpoint_ca_file;
  std::string restrictions;         // JSON array of what WhatsApp keeps it from doing, or ""
  bool id_was_chosen = false;       // a chosen id can be guessed: its public QR needs a signed link
  bool wants_connection = true;     // false after disconnect: stays offline over restarts
  Time created_at{};
  Time updated_at{};
  std::optional<Time> connected_at;
  std::optional<Time> disconnected_at;
};

namespace sessions {

void insert(Database& db, const SessionRow& row);                        // Failure::Constraint when the id exists
std::optional<SessionRow> find(Database& db, const std::string& id);
bool exists(Database& db, const std::string& id);
// Newest first. Tenant "" means all. `allowed`: only these ids, when not empty.
std::vector<SessionRow> list(Database& db, const std::string& tenant, const std::vector<std::string>& allowed);
std::vector<std::string> ids_to_connect(Database& db);                   // wants_connection, oldest first
struct Totals { std::int64_t total = 0; std::int64_t connected = 0; };
Totals totals(Database& db);
std::vector<std::pair<SessionStatus, std::int64_t>> count_by_status(Database& db);
std::int64_t count_waiting_messages(Database& db);                       // in the outboxes, scheduled ones too

// True when it changed. CONNECTED stamps connected_at, leaving it stamps disconnected_at.
bool set_status(Database& db, const std::string& id, SessionStatus status, const std::string& reason, Time now);
void set_wants_connection(Database& db, const std::string& id, bool wanted);
void set_linked(Database& db, const std::string& id, const std::string& phone_number, const std::string& push_name);
void set_endpoint(Database& db, const std::string& id, const std::string& url, const std::string& root_key_hex,
                  const std::string& ca_file);
void set_webhooks(Database& db, const std::string& id, const std::string& message_url, const std::string& status_url);
void rotate_webhook_secret(Database& db, const std::string& id, const std::string& secret, Time previous_until);
void set_name(Database& db, const std::string& id, const std::string& name, Time now);
void set_proxy(Database& db, const std::string& id, const std::string& proxy_url, Time now);
void set_settings(Database& db, const std::string& id, bool auto_read, bool auto_typing, Time now);
void set_restrictions(Database& db, const std::string& id, const std::string& restrictions);
// What linked it to a phone goes: the number, the network, the device with its ratchets. What the user set stays.
void unlink(Database& db, const std::string& id);
void erase(Database& db, const std::string& id);                         // and everything that belongs to it
std::int64_t next_event_sequence(Database& db, const std::string& id);   // 1, 2, 3 ...; 0: no such session

}  // namespace sessions
}  // namespace konekwa::store
