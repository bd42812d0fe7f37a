// Of deliveries: the lists of them, how they do, and taking away what has had its time.
#include "daemon/store/delivery_columns.h"
#include "daemon/store/words.h"

namespace konekwa::store {
namespace {

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
  if (filter.state) add("d.state = ?", word_of(*filter.state));
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
  db.query_list(std::string("SELECT ") + kDeliveryColumns + from_where + " ORDER BY d.position DESC LIMIT ?", values,
                [&](const Row& row) { page.rows.push_back(delivery_from(row)); });
  page.more = page.rows.size() > static_cast<std::size_t>(page_size);
  if (page.more) page.rows.pop_back();
  return page;
}

const std::string& from_failed() {
  static const std::string sql = std::string(" FROM deliveries AS d INDEXED BY deliveries_failed WHERE ") + kHasFailed;
  return sql;
}

}  // namespace

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
  out.state = stored_enum<DeliveryState>(kDeliveryStateWords, row.text(8));
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

namespace deliveries {

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
  db.query_list(std::string("SELECT ") + kDeliveryColumns + from_where + " ORDER BY d.position LIMIT ?", values,
                [&](const Row& row) { out.push_back(delivery_from(row)); });
  return out;
}

// A session at a time, so that each is a range of an index.
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

}  // namespace deliveries
}  // namespace konekwa::store
