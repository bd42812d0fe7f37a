#include "daemon/store/deliveries.h"

#include "daemon/store/delivery_columns.h"
#include "daemon/store/webhooks.h"
#include "daemon/store/words.h"

#include <set>

namespace konekwa::store {
namespace {

constexpr const char* kSelectEvents =
    "SELECT position, id, tenant, session, sequence, event_type, body, created_at FROM events ";

EventRow event_from(const Row& row) {
  return {row.integer(0), row.text(1), row.text(2), row.text(3), row.integer(4), row.text(5), row.text(6),
          row.time(7)};
}

// The next of this delivery's lane may go once nothing older holds it.
void release_lane_of(Database& db, const std::string& id) {
  static const std::string sql =
      std::string("UPDATE deliveries SET is_behind = 0 WHERE position ="
                  " (SELECT min(position) FROM deliveries"
                  " WHERE lane = (SELECT lane FROM deliveries WHERE id = ?) AND ") + kHoldsLane + ")";
  db.execute(sql, {id});
}

struct UrlQueue {
  std::string url;
  Time due_at{};   // of its first delivery
};

// Every URL with something that may go. One step in the index a URL, however much waits behind it.
std::vector<UrlQueue> url_queues(Database& db) {
  static const std::string sql = std::string("SELECT url, next_attempt_at FROM deliveries WHERE url > ? AND ") +
                                 kMayGo + " ORDER BY url, next_attempt_at, position LIMIT 1";
  std::vector<UrlQueue> out;
  std::string last;
  while (db.query_one(sql, {last}, [&](const Row& row) { out.push_back({row.text(0), row.time(1)}); })) {
    last = out.back().url;
  }
  return out;
}

std::vector<DeliveryRow> due_of_url(Database& db, const std::string& url, Time now, const std::string& busy_lanes,
                                    int limit) {
  static const std::string sql =
      std::string("SELECT ") + kDeliveryColumns + ", e.body, s.webhook_secret,"
      " iif(s.webhook_secret_previous_until > ?2, s.webhook_secret_previous, ''), w.headers,"
      " iif(d.target = 'message', w.message_gone_at IS NOT NULL AND s.webhook_message = d.url,"
      " w.status_gone_at IS NOT NULL AND s.webhook_status = d.url) FROM deliveries AS d"
      " JOIN events AS e ON e.id = d.event_id JOIN sessions AS s ON s.id = d.session"
      " LEFT JOIN webhook_settings AS w ON w.session = d.session"
      " WHERE d.position IN (SELECT position FROM deliveries WHERE url = ?1 AND next_attempt_at <= ?2 AND " + kMayGo +
      " AND lane NOT IN (SELECT value FROM json_each(?3)) ORDER BY next_attempt_at, position LIMIT ?4)"
      " ORDER BY d.position";
  std::vector<DeliveryRow> out;
  db.query(sql, {url, now, busy_lanes, limit}, [&](const Row& row) {
    DeliveryRow delivery = delivery_from(row);
    delivery.body = row.text(kDeliveryColumnCount);
    delivery.secret = row.text(kDeliveryColumnCount + 1);
    delivery.secret_previous = row.text(kDeliveryColumnCount + 2);
    delivery.headers = webhooks::headers_from(row.text(kDeliveryColumnCount + 3));
    delivery.is_gone = row.integer(kDeliveryColumnCount + 4) != 0;
    out.push_back(std::move(delivery));
  });
  return out;
}

}  // namespace

namespace deliveries {

void insert_event(Database& db, const EventRow& row) {
  db.execute(
      "INSERT INTO events (id, tenant, session, sequence, event_type, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      {row.id, row.tenant, row.session, row.sequence, row.event_type, row.body, row.created_at});
}

void insert(Database& db, const DeliveryRow& row) {
  static const std::string sql =
      std::string("INSERT INTO deliveries (id, event_id, session, event_type, target, url, lane, state, is_behind,"
                  " attempts, next_attempt_at, last_attempt_at, expires_at, http_status, error, created_at)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                  " EXISTS (SELECT 1 FROM deliveries WHERE lane = ?7 AND ") + kHoldsLane +
      "), ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
  db.execute(sql, {row.id, row.event_id, row.session, row.event_type, row.target, row.url, row.lane,
                   word_of(row.state), row.attempts, row.next_attempt_at,
                   row.last_attempt_at, row.expires_at, row.http_status, row.error, row.created_at});
}

std::vector<DeliveryRow> due(Database& db, Time now, const Busy& busy, int limit) {
  const std::set<std::string_view> busy_urls(busy.urls.begin(), busy.urls.end());
  std::vector<UrlQueue> queues = url_queues(db);
  std::erase_if(queues, [&](const UrlQueue& q) { return q.due_at > now || busy_urls.contains(q.url); });
  std::stable_sort(queues.begin(), queues.end(),
                   [](const UrlQueue& a, const UrlQueue& b) { return a.due_at < b.due_at; });

  const std::string busy_lanes = json_list(busy.lanes);
  std::vector<DeliveryRow> out;
  for (const UrlQueue& queue : queues) {
    const int room = limit - static_cast<int>(out.size());
    if (room <= 0) break;
    for (DeliveryRow& row : due_of_url(db, queue.url, now, busy_lanes, std::min(room, busy.per_url_max))) {
      out.push_back(std::move(row));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const DeliveryRow& a, const DeliveryRow& b) { return a.position < b.position; });
  return out;
}

std::optional<Time> next_due_at(Database& db, Time after) {
  static const std::string sql =
      std::string("SELECT min(next_attempt_at) FROM deliveries WHERE next_attempt_at > ? AND ") + kMayGo;
  const auto found = db.integer(sql, {after});
  return found ? std::optional(from_unix_ms(*found)) : std::nullopt;
}

void record_attempt(Database& db, const std::string& id, const DeliveryAttempt& attempt) {
  const auto changed = db.execute(
      "UPDATE deliveries SET state = ?, attempts = attempts + 1, http_status = ?, error = ?, response = ?,"
      " latency_ms = ?, last_attempt_at = ?, next_attempt_at = ? WHERE id = ? AND state IN ('QUEUED', 'RETRYING')",
      {word_of(attempt.state), attempt.http_status, attempt.error, attempt.response,
       attempt.latency.count(), attempt.at, attempt.next_attempt_at, id});
  if (changed > 0) release_lane_of(db, id);
}

void give_up(Database& db, const std::string& id, const std::string& error) {
  const auto changed = db.execute(
      "UPDATE deliveries SET state = 'DEAD', error = ? WHERE id = ? AND state IN ('QUEUED', 'RETRYING')", {error, id});
  if (changed > 0) release_lane_of(db, id);
}

void postpone(Database& db, const std::string& id, Time next_attempt_at) {
  db.execute("UPDATE deliveries SET next_attempt_at = ? WHERE id = ? AND state IN ('QUEUED', 'RETRYING')",
             {next_attempt_at, id});
}

std::optional<DeliveryRow> find_unsettled(Database& db, const std::string& id) {
  static const std::string sql = std::string("SELECT ") + kDeliveryColumns +
                                 " FROM deliveries AS d WHERE id = ? AND (" +
                                 kHasFailed + " OR (state = 'QUEUED' AND replays > 0))";
  std::optional<DeliveryRow> out;
  db.query_one(sql, {id}, [&](const Row& row) { out = delivery_from(row); });
  return out;
}

void replay(Database& db, const DeliveryRow& row, const std::string& url, const std::string& lane, Time now) {
  db.execute(
      "UPDATE deliveries SET state = 'QUEUED', replays = replays + 1, next_attempt_at = ?, is_behind = 0,"
      " expires_at = NULL, url = ?, lane = ? WHERE position = ?",
      {now, url, lane, row.position});
}

std::vector<EventRow> events_of_tenant_after(Database& db, const std::string& tenant, std::int64_t position,
                                             int limit) {
  std::vector<EventRow> out;
  const auto take = [&](const Row& row) { out.push_back(event_from(row)); };
  if (tenant.empty()) {
    static const std::string sql = std::string(kSelectEvents) + "WHERE position > ? ORDER BY position LIMIT ?";
    db.query(sql, {position, limit}, take);
  } else {
    static const std::string sql =
        std::string(kSelectEvents) + "WHERE tenant = ? AND position > ? ORDER BY position LIMIT ?";
    db.query(sql, {tenant, position, limit}, take);
  }
  return out;
}

// Of what was ever made: AUTOINCREMENT keeps it, also when the rows are gone.
std::int64_t last_event_position(Database& db) {
  return db.integer("SELECT seq FROM sqlite_sequence WHERE name = 'events'").value_or(0);
}

std::vector<EventRow> events_after(Database& db, const std::string& session, std::int64_t sequence, int limit) {
  static const std::string sql =
      std::string(kSelectEvents) + "WHERE session = ? AND sequence > ? ORDER BY sequence LIMIT ?";
  std::vector<EventRow> out;
  db.query(sql, {session, sequence, limit}, [&](const Row& row) { out.push_back(event_from(row)); });
  return out;
}

std::vector<DeliveryRow> list_of_session(Database& db, const std::string& session) {
  static const std::string sql =
      std::string("SELECT ") + kDeliveryColumns + " FROM deliveries AS d WHERE d.session = ? ORDER BY d.position";
  std::vector<DeliveryRow> out;
  db.query(sql, {session}, [&](const Row& row) { out.push_back(delivery_from(row)); });
  return out;
}

}  // namespace deliveries
}  // namespace konekwa::store
