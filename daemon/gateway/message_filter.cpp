#include "daemon/gateway/message_filter.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/time.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/page_token.h"
#include "daemon/gateway/recipient.h"

namespace konekwa {
namespace {

constexpr std::string_view kTypes[] = {"text", "image", "video", "audio", "document", "location", "contact"};

Result<std::optional<bool>> read_direction(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text == "sent" || text == "OUTBOUND" || text == "outbound") return true;
  if (text == "received" || text == "INBOUND" || text == "inbound") return false;
  return fail(ErrorCode::INVALID_REQUEST, "direction must be sent or received");
}

std::string time_text(const std::optional<Time>& at) { return at ? std::to_string(unix_ms(*at)) : "-"; }

std::string fingerprint_of(const store::messages::Filter& filter) {
  const std::string direction = filter.outbound ? (*filter.outbound ? "out" : "in") : "-";
  const std::string_view state = filter.state ? store::to_string(*filter.state) : "-";
  return fmt::format("messages\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", filter.tenant,
                     fmt::join(filter.allowed_sessions, ","), filter.session, direction, filter.message_type, state,
                     filter.recipient, filter.client_reference, time_text(filter.start), time_text(filter.end));
}

}  // namespace

// A date alone is that whole day: it begins at `start_date`, and `end_date` ends with it.
Result<std::optional<Time>> read_date(std::string text, const char* name, bool is_end) {
  if (text.empty()) return std::nullopt;
  if (const auto day = text.size() == 10 ? from_rfc3339(text + "T00:00:00Z") : std::nullopt) {
    return is_end ? *day + hours(24) : *day;
  }
  // "+07:00" that was not percent-encoded arrives as " 07:00".
  if (text.size() > 6 && text[text.size() - 6] == ' ') text[text.size() - 6] = '+';
  if (const auto time = from_rfc3339(text)) return time;
  return fail(ErrorCode::INVALID_DATE, fmt::format("{} must be such as 2026-03-10 or 2026-03-10T10:30:00Z", name));
}

Result<MessageFilter> read_message_filter(const Caller& caller, const Gateway::Query& query,
                                          std::string_view default_country) {
  MessageFilter out;
  out.filter.tenant = caller.sees_every_tenant ? "" : caller.tenant;
  out.filter.allowed_sessions = caller.sessions;
  out.filter.session = find_parameter(query, "session_id");
  out.filter.message_type = find_parameter(query, "type");
  const std::string& type = out.filter.message_type;
  if (!type.empty() && std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
    return fail(ErrorCode::INVALID_MESSAGE_TYPE, "type=" + type);
  }
  const auto direction = read_direction(find_parameter(query, "direction"));
  if (!direction) return fail(direction.error());
  out.filter.outbound = *direction;
  if (const std::string word = find_parameter(query, "status"); !word.empty()) {
    out.filter.state = store::message_state_from(word);
    if (!out.filter.state) return fail(ErrorCode::INVALID_REQUEST, "status must be a word such as QUEUED or DELIVERED");
  }
  if (const std::string text = find_parameter(query, "recipient"); !text.empty()) {
    const auto recipient = parse_recipient(text, default_country);
    if (!recipient) return fail(recipient.error());
    out.filter.recipient = recipient->text;
  }
  out.filter.client_reference = find_parameter(query, "client_reference");
  const std::string count = find_parameter(query, "count");
  if (count != "" && count != "true" && count != "false") {
    return fail(ErrorCode::INVALID_REQUEST, "count must be true or false");
  }
  out.counts = count != "false";
  const auto start = read_date(find_parameter(query, "start_date"), "start_date", false);
  if (!start) return fail(start.error());
  const auto end = read_date(find_parameter(query, "end_date"), "end_date", true);
  if (!end) return fail(end.error());
  if (*start && *end && **start > **end) {
    return fail(Error(ErrorCode::INVALID_DATE, "the dates are in the wrong order", "start_date is after end_date"));
  }
  out.filter.start = *start;
  out.filter.end = *end;
  const auto size = parse_page_size(find_parameter(query, "page_size"));
  if (!size) return fail(size.error());
  out.page_size = *size;
  out.fingerprint = fingerprint_of(out.filter);
  if (const std::string token = find_parameter(query, "page_token"); !token.empty()) {
    const auto sequence = read_page_token(token, out.fingerprint);
    if (!sequence) return fail(sequence.error());
    out.before_sequence = *sequence;
  }
  return out;
}

}  // namespace konekwa
