// Events and the webhook deliveries they are owed. Both are written in the transaction of what they report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct EventRow {
  std::int64_t position = 0;        // rowid, over all sessions
  std::string id;                   // "evt_..."
  std::string tenant;
  std::string session;
  std::int64_t sequence = 0;        // per session, without gaps
  std::string event_type;
  std::string body;                 // the whole envelope as JSON, sent as it is
  Time created_at{};
};

enum class DeliveryState : std::uint8_t { QUEUED, RETRYING, DELIVERED, DEAD };

struct DeliveryRow {
  std::int64_t position = 0;        // rowid: the order of making
  std::string id;                   // "wh_..."
  std::string event_id, session, event_type;
  std::string target;               // "message" or "status": which URL of the session
  std::string url;                  // at the time it was made
  std::string lane;                 // deliveries of one (URL, chat) go in order
  DeliveryState state = DeliveryState::QUEUED;
  int attempts = 0;
  int replays = 0;                  // how often a person asked for it again
  Time next_attempt_at{};
  std::optional<Time> last_attempt_at, expires_at;   // expires_at: of no use later (a QR code)
  std::optional<int> http_status;
  std::string error;
  std::optional<Duration> latency;  // of the last attempt, to the end of its answer
  std::string response;             // the beginning of that answer's body
  Time created_at{};
  std::string body;                 // of the event; filled by due()
  std::string secret;               // of the session; filled by due()
  std::string secret_previous;      // signs too, after a rotation; filled by due()
  std::vector<std::pair<std::string, std::string>> headers;   // of the session's settings; filled by due()
  bool is_gone = false;             // its URL has answered 410 since it was set; filled by due()
};

// What came of an attempt.
struct DeliveryAttempt {
  DeliveryState state = DeliveryState::DEAD;   // from now on
  std::optional<int> http_status;
  std::string error;                // "" when it was delivered
  std::string response;             // the beginning of the answer's body
  Duration latency{};
  Time at{};
  Time next_attempt_at{};           // of a RETRYING one
};

namespace deliveries {

void insert_event(Database& db, const EventRow& row);
void insert(Database& db, const DeliveryRow& row);
// What may be tried at `now`, in order of making: per lane only its oldest delivery that is not finished, where one
// with three or more failures no longer holds its lane. URLs that have waited longest come first when there are more
// than `limit`. The cost grows with the number of URLs and with `limit`, not with what waits.
struct Busy {
  std::vector<std::string> lanes;   // a delivery of theirs is under way: left out
  std::vector<std::string> urls;    // as many as they can take are under way: left out
  int per_url_max = 1'000;          // at most so many of one URL
};
std::vector<DeliveryRow> due(Database& db, Time now, const Busy& busy, int limit);
// The first time behind `after` at which something that may go (see due) falls due.
std::optional<Time> next_due_at(Database& db, Time after = Time::min());
// These do nothing to a delivery that is finished or gone. A finished one, or a third failure, lets its lane go on.
void record_attempt(Database& db, const std::string& id, const DeliveryAttempt& attempt);
void give_up(Database& db, const std::string& id, const std::string& error);         // DEAD, without an attempt
void postpone(Database& db, const std::string& id, Time next_attempt_at);            // without an attempt
// How the webhooks of a session do: what a person asks first when events do not arrive.
struct Meters {
  std::int64_t pending = 0;                    // QUEUED and RETRYING
  std::optional<Time> oldest_pending_at;       // when that was made
  std::optional<Time> last_success_at;
  std::optional<std::string> last_error;       // of the last attempt that failed, unless it has arrived since
};
Meters meters(Database& db, const std::string& session);
struct Totals {
  std::int64_t pending = 0;   // QUEUED and RETRYING
  std::int64_t failed = 0;    // as list_failed has them
  std::optional<Time> oldest_pending_at;       // of what may go
};
Totals totals(Database& db);

// What did not reach its receiver: dead, or failed three times and still tried. Newest first.
struct DeliveryFilter {
  std::string tenant;                          // empty: every tenant
  std::vector<std::string> allowed_sessions;   // empty: all of the tenant
  std::string session, event_type;
  std::optional<DeliveryState> state;          // of list_failed RETRYING or DEAD
  std::optional<Time> since, until;            // made at or after, and before
};
struct DeliveryPage {
  std::vector<DeliveryRow> rows;
  bool more = false;
  std::int64_t total_count = 0;                // of list_failed
};
DeliveryPage list_failed(Database& db, const DeliveryFilter& filter, std::int64_t before_position, int page_size);
// Every delivery that is kept, newest first, and without a count: there may be very many.
DeliveryPage list(Database& db, const DeliveryFilter& filter, std::int64_t before_position, int page_size);
// One of those (or one that waits after a replay), by its id.
std::optional<DeliveryRow> find_unsettled(Database& db, const std::string& id);
// QUEUED again and due at once, to `url`; it does not hold its lane, and attempts go on counting.
void replay(Database& db, const DeliveryRow& row, const std::string& url, const std::string& lane, Time now);
// The oldest of list_failed's, for a replay of many: oldest first.
std::vector<DeliveryRow> oldest_failed(Database& db, const DeliveryFilter& filter, int limit);

// What has had its time; each does at most `limit` and says how many.
std::int64_t erase_settled(Database& db, Time delivered_before, Time dead_before, int limit);   // by the last attempt
// Events that no delivery names any more. One call looks at `limit` of them behind `after`, oldest first.
struct EventsErased {
  std::int64_t count = 0;
  std::int64_t last_position = 0;   // that was looked at
  bool is_more = false;             // of them are old enough
};
EventsErased erase_events(Database& db, Time before, std::int64_t after, int limit);
// DEAD: what has been due since before that time and was never tried again, because its receiver never answers.
std::int64_t give_up_overdue(Database& db, Time due_before, const std::string& error, int limit);

// Events of a tenant, or of every one when it is empty, in the order of their making, from behind `position`.
std::vector<EventRow> events_of_tenant_after(Database& db, const std::string& tenant, std::int64_t position, int limit);
std::int64_t last_event_position(Database& db);
std::vector<EventRow> events_after(Database& db, const std::string& session, std::int64_t sequence, int limit);
std::vector<DeliveryRow> list_of_session(Database& db, const std::string& session);   // oldest first; for checkers

}  // namespace deliveries
}  // namespace konekwa::store
