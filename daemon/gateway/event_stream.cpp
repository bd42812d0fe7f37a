// Gateway: what happened, for GET /v1/events.
#include <algorithm>
#include <charconv>

#include "daemon/events/event_types.h"
#include "daemon/gateway/impl.h"
#include "daemon/store/deliveries.h"

namespace konekwa {
namespace {

constexpr int kEventsAtOnce = 200;
constexpr int kBatchesMax = 50;   // looked at in one go for a caller who may see few of them

std::optional<std::int64_t> position_from(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

bool may_see_type(const Caller& caller, const std::string& event_type) {
  return caller.may(event_type.starts_with("message.") ? "messages:read" : "sessions:read");
}

bool is_wanted(const EventQuery& query, const store::EventRow& row) {
  const auto is_named = [&](const std::string& pattern) { return events::stands_for(pattern, row.event_type); };
  const bool is_type = query.types.empty() || std::any_of(query.types.begin(), query.types.end(), is_named);
  const bool is_session = query.session.empty() || query.session == row.session;
  return is_type && is_session && query.caller.may_use(row.session) && may_see_type(query.caller, row.event_type);
}

}  // namespace

Result<EventQuery> Gateway::event_query(const Caller& caller, const Query& query, const std::string& last_event_id) {
  if (!caller.may("messages:read") && !caller.may("sessions:read")) {
    return fail(ErrorCode::FORBIDDEN, "scope messages:read or sessions:read");
  }
  EventQuery out;
  out.caller = caller;
  out.session = find_parameter(query, "session_id");
  if (!out.session.empty()) {
    if (auto session = impl_->session(caller, out.session); !session) return fail(session.error());
  }
  out.types = split_at_commas(find_parameter(query, "types"));
  for (const std::string& type : out.types) {
    const std::string problem = events::event_pattern_problem(type);
    if (!problem.empty()) return fail(ErrorCode::INVALID_REQUEST, fmt::format("types {}", problem));
  }
  const std::string after = last_event_id.empty() ? find_parameter(query, "after") : last_event_id;
  if (!after.empty()) {
    const auto position = position_from(after);
    if (!position) return fail(ErrorCode::INVALID_REQUEST, "after (or Last-Event-ID) must be the id of an event");
    out.position = *position;
    return out;
  }
  const auto last = impl_->parts.readers.get<std::int64_t>(store::deliveries::last_event_position);
  if (!last) return fail(last.error());
  out.position = *last;
  return out;
}

Result<std::vector<EventView>> Gateway::next_events(EventQuery& query) {
  const std::string tenant = query.caller.sees_every_tenant ? "" : query.caller.tenant;
  std::vector<EventView> out;
  for (int i = 0; i < kBatchesMax && out.empty(); ++i) {
    auto rows = impl_->parts.readers.get<std::vector<store::EventRow>>([&](store::Database& db) {
      return store::deliveries::events_of_tenant_after(db, tenant, query.position, kEventsAtOnce);
    });
    if (!rows) return fail(rows.error());
    for (store::EventRow& row : *rows) {
      query.position = row.position;
      if (is_wanted(query, row)) out.push_back({row.position, std::move(row.event_type), std::move(row.body)});
    }
    query.is_at_end = static_cast<int>(rows->size()) < kEventsAtOnce;
    if (query.is_at_end) break;
  }
  return out;
}

Gateway::Watch Gateway::watch_events(std::function<void()> told) {
  return impl_->parts.feed.subscribe(std::move(told));
}

}  // namespace konekwa
