// The table of messages, in both directions. Outbound rows that are QUEUED or SENDING are the outbox.
// States only move forward: SCHEDULED -> QUEUED -> SENDING -> SENT -> DELIVERED -> READ; to CANCELLED or EXPIRED while
// nothing was sent, to FAILED before SENT.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "daemon/store/database.h"

namespace konekwa::store {

enum class MessageState : std::uint8_t {
  SCHEDULED, QUEUED, SENDING, SENT, DELIVERED, READ, RECEIVED, FAILED, CANCELLED, EXPIRED
};
std::string_view to_string(MessageState state);
std::optional<MessageState> message_state_from(std::string_view text);

struct MessageRow {
  std::int64_t sequence = 0;        // rowid: the order of acceptance
  std::string id;                   // "msg_..."
  std::string tenant;
  std::string session;
  bool outbound = true;
  MessageState state = MessageState::QUEUED;
  std::string recipient;            // as normalised; inbound: our own number
  std::string chat_id;              // Jid text: phone-number form when it is known
  std::string sender;               // inbound: digits
  std::string sender_lid;           // inbound: Jid text, or ""
  std::string sender_name;
  std::string message_type = "text";
  std::string content;
  std::string fields;               // JSON object of what the type has beside its content (caption, ...), or ""
  std::string template_id;          // what the content was rendered from, or ""
  std::string wa_message_id;        // the stanza id: fixed when the message is accepted
  std::string client_reference;
  std::string source;               // "" = the API; "phone" = typed on one of the account's other devices
  bool offline = false;             // inbound: came from the offline queue
  bool inactive_receipt = false;    // a device took it without the person being there: not DELIVERED
  int attempts = 0;
  std::string error_code, error_message, error_details;
  Time created_at{};
  std::optional<Time> expires_at, sent_at, delivered_at, read_at, failed_at;
  std::optional<Time> scheduled_at, cancelled_at;
  std::int64_t audience = 0;        // to a group: people who should get it; set by message_receipts, as the next two
  std::int64_t receipts_delivered = 0, receipts_read = 0;
};

namespace messages {

std::int64_t insert(Database& db, const MessageRow& row);   // its sequence
std::optional<MessageRow> find(Database& db, const std::string& id);
std::optional<MessageRow> find_by_sequence(Database& db, std::int64_t sequence);
std::optional<MessageRow> find_by_wa_id(Database& db, const std::string& session, const std::string& wa_message_id,
                                        bool outbound);

// The outbox of a session after `sequence`, oldest first: SENDING and QUEUED rows.
std::vector<MessageRow> outbox(Database& db, const std::string& session, std::int64_t after_sequence, int limit);
// What waits: SCHEDULED, QUEUED and SENDING rows.
std::int64_t count_waiting(Database& db, const std::string& session);
std::int64_t count_waiting_of_tenant(Database& db, const std::string& tenant);
std::optional<Time> oldest_waiting_at(Database& db, const std::string& session);   // of the outbox: when accepted

// Each moves forward only, and returns the row as it is then; nothing when it did not apply. A receipt may come before
// the ack: it stamps what it implies. set_sending counts an attempt, and applies again to a row that is SENDING.
std::optional<MessageRow> set_sending(Database& db, std::int64_t sequence);
std::optional<MessageRow> set_sent(Database& db, const std::string& session, const std::string& wa_message_id, Time at);
std::optional<MessageRow> set_delivered(Database& db, const std::string& session, const std::string& wa_message_id,
                                        Time at);
std::optional<MessageRow> set_read(Database& db, const std::string& session, const std::string& wa_message_id, Time at);
void set_inactive_receipt(Database& db, const std::string& session, const std::string& wa_message_id);
// `state` is FAILED or EXPIRED.
std::optional<MessageRow> set_failed(Database& db, std::int64_t sequence, MessageState state, const Error& why,
                                     Time at);
std::optional<MessageRow> set_cancelled(Database& db, const std::string& id, Time at);   // SCHEDULED or QUEUED only

// What people do to a message later. The new text of an edit stands where the old one was: in content, or as caption.
void set_edited(Database& db, std::int64_t sequence, const std::string& text, bool is_caption, Time at);
void set_revoked(Database& db, std::int64_t sequence, Time at);

// What time does to rows that wait. Each takes at most `limit` rows and returns them as they are then.
std::vector<MessageRow> release_scheduled(Database& db, Time now, int limit);            // SCHEDULED -> QUEUED
std::vector<MessageRow> expire(Database& db, Time now, const Error& why, int limit);     // not yet sent -> EXPIRED
// SENDING rows that expired before `before`: nobody knows whether they arrived.
std::vector<MessageRow> fail_unconfirmed(Database& db, Time before, const Error& why, Time now, int limit);
std::optional<Time> next_scheduled_at(Database& db);
std::optional<Time> next_expiry_at(Database& db);   // of rows that were not sent yet

struct Filter {
  std::string tenant;                          // empty: every tenant
  std::vector<std::string> allowed_sessions;   // empty: all of the tenant
  std::string session;
  std::optional<bool> outbound;
  std::string message_type;
  std::optional<MessageState> state;
  std::string recipient, client_reference;     // as stored
  std::optional<Time> start, end;              // start inclusive, end exclusive
};
struct Page {
  std::vector<MessageRow> rows;                // newest first
  bool more = false;
  std::optional<std::int64_t> total_count;     // nothing when it was not asked for
};
// `before_sequence` 0: from the newest.
Page list(Database& db, const Filter& filter, std::int64_t before_sequence, int page_size, bool counts = true);

// What has been received already: (chat, sender, stanza id). True when it was new.
bool mark_seen(Database& db, const std::string& session, const std::string& chat, const std::string& sender,
               const std::string& wa_message_id, Time now);
bool is_seen(Database& db, const std::string& session, const std::string& chat, const std::string& sender,
             const std::string& wa_message_id);

}  // namespace messages
}  // namespace konekwa::store
