#include "daemon/store/deliveries.h"

#include "daemon/store/webhooks.h"
#include "daemon/store/words.h"

#include <set>

namespace konekwa::store {
namespace {

constexpr std::array<std::string_view, 4> kStateWords = {"QUEUED", "RETRYING", "DELIVERED", "DEAD"};

// Word for word the conditions of the partial indices, or SQLite would not use them.
constexpr const char* kHoldsLane = "state IN ('QUEUED', 'RETRYING') AND attempts < 3";
constexpr const char* kMayGo = "state IN ('QUEUED', 'RETRYING') AND is_behind = 0";
constexpr const char* kHasFailed = "(state = 'DEAD' OR (state = 'RETRYING' AND attempts >= 3))";

constexpr const char* kColumns =
    "d.position, d.id, d.event_id, d.session, d.event_type, d.target, d.url, d.lane, d.state, d.attempts,"
    " d.next_attempt_at, d.last_attempt_at, d.expires_at, d.http_status, d.error, d.created_at, d.replays,"
    " d.latency_ms, d.response";
constexpr int kColumnCount = 19;

DeliveryRow delivery_from(const Row& row) {
  DeliveryRow out;
  out.position = row.integer(0);
  out.id = row.text(1);
  out.event_id = row.text(2);
  out.session = row.text(3);
  out.event_type = row.text(4);
  out.target = row.text(5);
  out.url = row.text(6);
  out.lane = row.text(7);
  out.state = stored_enum<DeliveryState>(kStateWords, row.text(8));
  out.attempts = static_cast<int>(row.integer(9));
  out.next_attempt_at = row.time(10);
  out.last_attempt_at = row.optional_time(11);
  out.expires_at = row.optional_time(12);
  if (!row.is_null(13)) out.http_status = static_cast<int>(row.integer(13));
  out.error = row.text(14);
  out.created_at = row.time(15);
  out.replays = static_cast<int>(row.integer(16));
  if (!row.is_null(17)) out.latency = Duration(row.integer(17));
  out.response = row.text(18);
  return out;
}

// Adds the conditions of a filter to `where`, and their values.
void add_conditions(const deliveries::DeliveryFilter& filter, std::string& where, std::vector<Value>& values) {
  const auto add = [&](const char* condition, Value value) {
    where += std::string(" AND ") + condition;
    values.push_back(std::move(value));
  };
  if (!filter.tenant.empty()) add("d.session IN (SELECT id FROM sessions WHERE tenant = ?)", filter.tenant);
  if (!filter.allowed_sessions.empty()) {
    add("d.session IN (SELECT value FROM json_each(?))", json_list(filter.allowed_sessions));
  }
  if (!filter.session.empty()) add("d.session = ?", filter.session);
  if (!filter.event_type.empty()) add("d.event_type = ?", filter.event_type);
  if (filter.state) add("d.state = ?", kStateWords[static_cast<std::size_t>(*filter.state)]);
  if (filter.since) add("d.created_at >= ?", *filter.since);
  if (filter.until) add("d.created_at < ?", *filter.until);
}

deliveries::DeliveryPage page_of(Database& db, std::string from_where, std::vector<Value> values,
                                 std::int64_t before_position, int page_size) {
  if (before_position > 0) {
    from_where += " AND d.position < ?";
    values.emplace_back(before_position);
  }
  values.emplace_back(page_size + 1);
  deliveries::DeliveryPage page;
  db.query_list(std::string("SELECT ") + kColumns + from_where + " ORDER BY d.position DESC LIMIT ?", values,
                [&](const Row& row) { page.rows.push_back(delivery_from(row)); });
  page.more = page.rows.size() > static_cast<std::size_t>(page_size);
  if (page.more) page.rows.pop_back();
  return page;
}

const std::string& from_failed() {
  static const std::string sql = std::string(" FROM deliveries AS d INDEXED BY deliveries_failed WHERE ") + kHasFailed;
  return sql;
}

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
      std::string("SELECT ") + kColumns + ", e.body, s.webhook_secret,"
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
    delivery.body = row.text(kColumnCount);
    delivery.secret = row.text(kColumnCount + 1);
    delivery.secret_previous = row.text(kColumnCount + 2);
    delivery.headers = webhooks::headers_from(row.text(kColumnCount + 3));
    delivery.is_gone = row.integer(kColumnCount + 4) != 0;
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
                   kStateWords[static_cast<std::size_t>(row.state)], row.attempts, row.next_attempt_at,
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
      {kStateWords[static_cast<std::size_t>(attempt.state)], attempt.http_status, attempt.error, attempt.response,
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

Meters meters(Database& db, const std::string& session) {
  Meters out;
  db.query_one("SELECT count(*), min(created_at) FROM deliveries WHERE session = ? AND state IN ('QUEUED', 'RETRYING')",
               {session}, [&](const Row& row) {
                 out.pending = row.integer(0);
                 out.oldest_pending_at = row.optional_time(1);
               });
  db.query_one("SELECT max(last_attempt_at) FROM deliveries WHERE session = ? AND state = 'DELIVERED'", {session},
               [&](const Row& row) { out.last_success_at = row.optional_time(0); });
  db.query_one(
      "SELECT error FROM deliveries WHERE session = ? AND state IN ('RETRYING', 'DEAD')"
      " ORDER BY last_attempt_at DESC LIMIT 1",
      {session}, [&](const Row& row) { out.last_error = row.text(0); });
  return out;
}

// From the partial indices: what was delivered costs nothing.
Totals totals(Database& db) {
  static const std::string first_tries = std::string("SELECT count(*) FROM deliveries WHERE ") + kHoldsLane;
  static const std::string failed =
      std::string("SELECT count(*), count(*) FILTER (WHERE state = 'RETRYING') FROM deliveries"
                  " INDEXED BY deliveries_failed WHERE ") + kHasFailed;
  Totals out;
  out.pending = db.integer(first_tries).value_or(0);
  static const std::string oldest = std::string("SELECT min(next_attempt_at) FROM deliveries WHERE ") + kMayGo;
  if (const auto at = db.integer(oldest)) out.oldest_pending_at = from_unix_ms(*at);
  db.query_one(failed, {}, [&](const Row& row) {
    out.failed = row.integer(0);
    out.pending += row.integer(1);
  });
  return out;
}

DeliveryPage list_failed(Database& db, const DeliveryFilter& filter, std::int64_t before_position, int page_size) {
  std::string from_where = from_failed();
  std::vector<Value> values;
  add_conditions(filter, from_where, values);
  std::int64_t total = 0;
  db.query_list("SELECT count(*)" + from_where, values, [&](const Row& row) { total = row.integer(0); });
  DeliveryPage page = page_of(db, std::move(from_where), std::move(values), before_position, page_size);
  page.total_count = total;
  return page;
}

DeliveryPage list(Database& db, const DeliveryFilter& filter, std::int64_t before_position, int page_size) {
  std::string from_where = " FROM deliveries AS d WHERE 1 = 1";
  std::vector<Value> values;
  add_conditions(filter, from_where, values);
  return page_of(db, std::move(from_where), std::move(values), before_position, page_size);
}

std::vector<DeliveryRow> oldest_failed(Database& db, const DeliveryFilter& filter, int limit) {
  std::string from_where = from_failed();
  std::vector<Value> values;
  add_conditions(filter, from_where, values);
  values.emplace_back(limit);
  std::vector<DeliveryRow> out;
  db.query_list(std::string("SELECT ") + kColumns + from_where + " ORDER BY d.position LIMIT ?", values,
                [&](const Row& row) { out.push_back(delivery_from(row)); });
  return out;
}

std::optional<DeliveryRow> find_unsettled(Database& db, const std::string& id) {
  static const std::string sql = std::string("SELECT ") + kColumns + " FROM deliveries AS d WHERE id = ? AND (" +
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

// A session at a time, so that each is a range of an index, and one row may name its event's last delivery.
std::int64_t erase_settled(Database& db, Time delivered_before, Time dead_before, int limit) {
  std::vector<std::string> ids;
  db.query("SELECT id FROM sessions", {}, [&](const Row& row) { ids.push_back(row.text(0)); });
  std::int64_t erased = 0;
  for (const std::string& session : ids) {
    if (erased >= limit) return erased;
    erased += db.execute(
        "DELETE FROM deliveries WHERE position IN (SELECT position FROM deliveries WHERE session = ?"
        " AND state = 'DELIVERED' AND last_attempt_at < ? LIMIT ?)",
        {session, delivered_before, limit - erased});
  }
  erased += db.execute(
      "DELETE FROM deliveries WHERE position IN (SELECT position FROM deliveries INDEXED BY deliveries_failed"
      " WHERE (state = 'DEAD' OR (state = 'RETRYING' AND attempts >= 3)) AND state = 'DEAD'"
      " AND ifnull(last_attempt_at, created_at) < ? LIMIT ?)",
      {dead_before, limit - erased});
  return erased;
}

EventsErased erase_events(Database& db, Time before, std::int64_t after, int limit) {
  EventsErased out;
  out.last_position = after;
  int seen = 0;
  db.query("SELECT position, created_at FROM events WHERE position > ? ORDER BY position LIMIT ?", {after, limit},
           [&](const Row& row) {
             ++seen;
             if (row.time(1) < before) out.last_position = row.integer(0);
             else seen = -limit;   // so is all that follows
           });
  out.is_more = seen == limit;
  out.count = db.execute(
      "DELETE FROM events WHERE position > ? AND position <= ?"
      " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_id = events.id)",
      {after, out.last_position});
  return out;
}

std::int64_t give_up_overdue(Database& db, Time due_before, const std::string& error, int limit) {
  static const std::string sql = std::string("SELECT id FROM deliveries WHERE next_attempt_at < ? AND ") + kMayGo +
                                 " ORDER BY next_attempt_at LIMIT ?";
  std::vector<std::string> ids;
  db.query(sql, {due_before, limit}, [&](const Row& row) { ids.push_back(row.text(0)); });
  for (const std::string& id : ids) give_up(db, id, error);
  return static_cast<std::int64_t>(ids.size());
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
      std::string("SELECT ") + kColumns + " FROM deliveries AS d WHERE d.session = ? ORDER BY d.position";
  std::vector<DeliveryRow> out;
  db.query(sql, {session}, [&](const Row& row) { out.push_back(delivery_from(row)); });
  return out;
}

}  // namespace deliveries
}  // namespace konekwa::store
