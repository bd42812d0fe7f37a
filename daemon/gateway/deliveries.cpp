// Gateway: deliveries of events to webhooks: what failed, the log of all of them, and doing it again.
#include <map>

#include <nlohmann/json.hpp>

#include "daemon/events/event_log.h"
#include "daemon/events/event_types.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/message_filter.h"
#include "daemon/gateway/page_token.h"
#include "daemon/store/deliveries.h"

namespace konekwa {
namespace {

using store::DeliveryRow;
using store::DeliveryState;
using store::deliveries::DeliveryFilter;

constexpr int kAllMax = 1'000;           // of the list without page_size
constexpr int kReplayedMax = 10'000;     // in one request

// What came of the last attempt.
void put_attempt(Json& out, const DeliveryRow& row) {
  out["event_id"] = row.event_id;
  if (row.http_status) out["http_status"] = *row.http_status;
  if (row.latency) out["latency_ms"] = row.latency->count();
  if (!row.response.empty()) out["response"] = row.response;
}

// The documented keys come first, in the documented order.
Json failed_json(const DeliveryRow& row) {
  Json out = {{"id", row.id},       {"session_id", row.session}, {"url", masked_url(row.url)},
              {"event_type", row.event_type}, {"error", row.error}, {"attempts", row.attempts}};
  if (row.last_attempt_at) out["last_attempt_at"] = to_rfc3339(*row.last_attempt_at);
  out["created_at"] = to_rfc3339(row.created_at);
  out["state"] = row.state == DeliveryState::DEAD ? "dead" : "retrying";
  if (row.state == DeliveryState::RETRYING) out["next_attempt_at"] = to_rfc3339(row.next_attempt_at);
  put_attempt(out, row);
  return out;
}

// In the log all states have their word.
std::string state_word(DeliveryState state) {
  switch (state) {
    case DeliveryState::QUEUED: return "queued";
    case DeliveryState::RETRYING: return "retrying";
    case DeliveryState::DELIVERED: return "delivered";
    case DeliveryState::DEAD: return "dead";
  }
  return "";
}

Json log_json(const DeliveryRow& row) {
  Json out = {{"id", row.id},       {"session_id", row.session}, {"url", masked_url(row.url)},
              {"event_type", row.event_type}, {"state", state_word(row.state)}, {"attempts", row.attempts}};
  if (!row.error.empty()) out["error"] = row.error;
  if (row.last_attempt_at) out["last_attempt_at"] = to_rfc3339(*row.last_attempt_at);
  if (row.state == DeliveryState::QUEUED || row.state == DeliveryState::RETRYING) {
    out["next_attempt_at"] = to_rfc3339(row.next_attempt_at);
  }
  out["created_at"] = to_rfc3339(row.created_at);
  put_attempt(out, row);
  return out;
}

std::optional<DeliveryState> state_from(std::string_view word) {
  for (const auto state :
       {DeliveryState::QUEUED, DeliveryState::RETRYING, DeliveryState::DELIVERED, DeliveryState::DEAD}) {
    if (state_word(state) == word) return state;
  }
  return std::nullopt;
}

// Of a query or of a body, whose names are the same: what was given, or "".
struct FilterText {
  std::string session, event_type, state, since, until;
};

Result<DeliveryFilter> make_filter(const Caller& caller, const FilterText& text,
                                   std::initializer_list<DeliveryState> states) {
  DeliveryFilter out;
  out.tenant = caller.sees_every_tenant ? "" : caller.tenant;
  out.allowed_sessions = caller.sessions;
  out.session = text.session;
  out.event_type = text.event_type;
  if (!text.state.empty()) {
    out.state = state_from(text.state);
    if (!out.state || std::find(states.begin(), states.end(), *out.state) == states.end()) {
      std::vector<std::string> words;
      for (const DeliveryState state : states) words.push_back(state_word(state));
      return fail(ErrorCode::INVALID_REQUEST, fmt::format("state must be one of {}", fmt::join(words, ", ")));
    }
  }
  // Both are where a period begins or is over, so a day is its first moment.
  const auto since = read_date(text.since, "since", false), until = read_date(text.until, "until", false);
  if (!since || !until) return fail(since ? until.error() : since.error());
  out.since = *since;
  out.until = *until;
  return out;
}

constexpr std::initializer_list<DeliveryState> kFailedStates = {DeliveryState::RETRYING, DeliveryState::DEAD};
constexpr std::initializer_list<DeliveryState> kAllStates = {DeliveryState::QUEUED, DeliveryState::RETRYING,
                                                             DeliveryState::DELIVERED, DeliveryState::DEAD};

FilterText filter_text(const Gateway::Query& query) {
  return {find_parameter(query, "session_id"), find_parameter(query, "event_type"), find_parameter(query, "state"),
          find_parameter(query, "since"), find_parameter(query, "until")};
}

std::string fingerprint_of(std::string_view list, const DeliveryFilter& filter) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", list, filter.tenant,
                     fmt::join(filter.allowed_sessions, ","), filter.session, filter.event_type,
                     filter.state ? static_cast<int>(*filter.state) : -1, filter.since ? unix_ms(*filter.since) : -1,
                     filter.until ? unix_ms(*filter.until) : -1);
}

// "" for the session's present URL, or "original".
bool reads_original_url(JsonFields& fields) {
  const std::string url = fields.text("url").value_or("");
  if (!url.empty() && url != "original") {
    fields.refuse("url", ErrorCode::INVALID_REQUEST, "must be \"original\", or left out for the session's present URL");
  }
  return !url.empty();
}

}  // namespace

std::string masked_url(std::string url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t at = url.rfind('@', path);
  if (const std::size_t query = url.find('?', path); query != std::string::npos) url.replace(query, url.size(), "?***");
  if (at != std::string::npos && at >= host) url.replace(host, at - host, "***");
  return url;
}

Result<Reply> Gateway::list_failed_webhooks(const Caller& caller, const Query& query) {
  const auto filter = make_filter(caller, filter_text(query), kFailedStates);
  if (!filter) return fail(filter.error());
  const std::string fingerprint = fingerprint_of("failed webhooks", *filter);
  const auto wanted = read_optional_page(query, fingerprint, kAllMax);
  if (!wanted) return fail(wanted.error());
  const auto page = impl_->parts.readers.get<store::deliveries::DeliveryPage>([&](store::Database& db) {
    return store::deliveries::list_failed(db, *filter, wanted->before, wanted->size);
  });
  if (!page) return fail(page.error());
  Json body = {{"webhooks", Json::array()}};
  for (const DeliveryRow& row : page->rows) body["webhooks"].push_back(failed_json(row));
  if (page->more) body["next_page_token"] = make_page_token(page->rows.back().position, fingerprint);
  body["total_count"] = page->total_count;
  return json_reply(200, body);
}

Result<Reply> Gateway::list_deliveries(const Caller& caller, const Query& query) {
  const auto filter = make_filter(caller, filter_text(query), kAllStates);
  if (!filter) return fail(filter.error());
  const std::string fingerprint = fingerprint_of("deliveries", *filter);
  const auto size = parse_page_size(find_parameter(query, "page_size"));
  if (!size) return fail(size.error());
  std::int64_t before = 0;
  if (const std::string token = find_parameter(query, "page_token"); !token.empty()) {
    const auto read = read_page_token(token, fingerprint);
    if (!read) return fail(read.error());
    before = *read;
  }
  const auto page = impl_->parts.readers.get<store::deliveries::DeliveryPage>(
      [&](store::Database& db) { return store::deliveries::list(db, *filter, before, *size); });
  if (!page) return fail(page.error());
  Json body = {{"deliveries", Json::array()}};
  for (const DeliveryRow& row : page->rows) body["deliveries"].push_back(log_json(row));
  if (page->more) body["next_page_token"] = make_page_token(page->rows.back().position, fingerprint);
  return json_reply(200, body);
}

void Gateway::replay_webhook(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  const bool is_original = reads_original_url(fields);
  if (fields.error()) return answer(fail(*fields.error()));
  impl_->commit(
      [caller, id, is_original, now = impl_->now()](store::Database& db) -> Result<Reply> {
        const auto row = store::deliveries::find_unsettled(db, id);
        if (!row) return fail(ErrorCode::WEBHOOK_NOT_FOUND, id);
        const auto session = Impl::session(db, caller, row->session);
        if (!session && session.error().code == ErrorCode::SESSION_NOT_FOUND) {
          return fail(ErrorCode::WEBHOOK_NOT_FOUND, id);   // another tenant's
        }
        if (!session) return fail(session.error());
        events::replay(db, *row, *session, is_original, now);
        return json_reply(200, {{"message", "Webhook replay queued successfully"}, {"webhook_id", id}});
      },
      std::move(answer));
}

// Oldest first, so that a chat gets its events in their order.
void Gateway::replay_webhooks(const Caller& caller, std::string body, Answer answer) {
  JsonFields fields(body);
  const auto given = [&fields](const char* name) { return fields.text(name).value_or(""); };
  const FilterText text{given("session_id"), given("event_type"), given("state"), given("since"), given("until")};
  const bool is_all = fields.flag("all").value_or(false);
  const bool is_original = reads_original_url(fields);
  const std::string problem = text.event_type.empty() ? "" : events::event_pattern_problem(text.event_type);
  if (!problem.empty()) fields.refuse("event_type", ErrorCode::INVALID_REQUEST, problem);
  if (fields.error()) return answer(fail(*fields.error()));
  const bool is_narrow = !(text.session + text.event_type + text.state + text.since + text.until).empty();
  if (!is_narrow && !is_all) {
    return answer(fail(Error(ErrorCode::INVALID_REQUEST, "The request does not say which deliveries",
                             "give session_id, event_type, state, since or until, or \"all\": true")));
  }
  const auto filter = make_filter(caller, text, kFailedStates);
  if (!filter) return answer(fail(filter.error()));
  if (!filter->session.empty()) {
    if (const auto session = impl_->session(caller, filter->session); !session) return answer(fail(session.error()));
  }
  impl_->commit(
      [filter = *filter, is_original, now = impl_->now()](store::Database& db) -> Result<Reply> {
        const auto rows = store::deliveries::oldest_failed(db, filter, kReplayedMax);
        std::map<std::string, std::optional<store::SessionRow>> sessions;
        for (const DeliveryRow& row : rows) {
          auto [found, is_new] = sessions.try_emplace(row.session);
          if (is_new) found->second = store::sessions::find(db, row.session);
          if (found->second) events::replay(db, row, *found->second, is_original, now);
        }
        Json shown = {{"message", "Webhook replays queued successfully"}, {"replayed_count", rows.size()}};
        shown["is_complete"] = rows.size() < static_cast<std::size_t>(kReplayedMax);
        return json_reply(200, shown);
      },
      std::move(answer));
}

}  // namespace konekwa
