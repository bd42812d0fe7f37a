#include "daemon/session/ending.h"

namespace konekwa::session {
namespace {

using Next = Ending::Next;
using store::SessionStatus;

struct Rule {
  int code;
  Next next;
  SessionStatus status;
  const char* reason;
};

constexpr Rule kFailures[] = {
    {400, Next::Stop, SessionStatus::FAILED, "BAD_REQUEST"},
    {401, Next::Stop, SessionStatus::LOGGED_OUT, "DEVICE_REMOVED"},
    {402, Next::Wait, SessionStatus::BANNED, "TEMPORARY_BAN"},
    {403, Next::Stop, SessionStatus::LOGGED_OUT, "MAIN_DEVICE_GONE"},
    {405, Next::RefreshVersion, SessionStatus::DISCONNECTED, "CLIENT_OUTDATED"},
    {406, Next::Stop, SessionStatus::BANNED, "BANNED"},
    {409, Next::Stop, SessionStatus::FAILED, "BAD_USER_AGENT"},
    {415, Next::Stop, SessionStatus::FAILED, "NOT_FOUND"},
    {418, Next::Stop, SessionStatus::FAILED, "UNKNOWN_CLIENT"},
    {500, Next::Reconnect, SessionStatus::DISCONNECTED, "SERVER_ERROR"},
    {501, Next::Reconnect, SessionStatus::DISCONNECTED, "SERVER_ERROR"},
    {503, Next::Reconnect, SessionStatus::DISCONNECTED, "SERVER_ERROR"},
};

constexpr Rule kStreamErrors[] = {
    {401, Next::Stop, SessionStatus::LOGGED_OUT, "DEVICE_REMOVED"},
    {409, Next::Stop, SessionStatus::DISCONNECTED, "STREAM_REPLACED"},
    {429, Next::Reconnect, SessionStatus::DISCONNECTED, "RATE_LIMITED"},
    {503, Next::Reconnect, SessionStatus::DISCONNECTED, "SERVER_ERROR"},
    {515, Next::ReconnectNow, SessionStatus::CONNECTING, "RESTART_REQUIRED"},
};

// The wait before a ban without an end is looked at again, and the longest we wait in one go.
constexpr Duration kBanWaitDefault = hours(1);
constexpr Duration kBanWaitMax = hours(24 * 7);
constexpr std::int64_t kBanSecondsMax = 10LL * 366 * 24 * 3600;   // no longer ban is believed

template <std::size_t N>
Ending by_table(const Rule (&rules)[N], int code, std::string text) {
  Ending ending;
  ending.reason = "SERVER_ERROR";
  ending.wa_code = code;
  ending.text = std::move(text);
  for (const Rule& rule : rules) {
    if (rule.code != code) continue;
    ending.next = rule.next;
    ending.status = rule.status;
    ending.reason = rule.reason;
  }
  return ending;
}

}  // namespace

Ending ending_of_failure(const wa::Node& failure) {
  const int code = static_cast<int>(failure.number("reason").value_or(0));
  Ending ending = by_table(kFailures, code, "login refused: " + wa::to_string(failure));
  if (ending.next == Next::Wait) {
    const auto expire = failure.number("expire");
    if (expire && *expire > 0) ending.banned_for = Duration(seconds(std::min(*expire, kBanSecondsMax)));
    ending.wait = ending.banned_for ? std::min(*ending.banned_for, kBanWaitMax) : kBanWaitDefault;
  }
  return ending;
}

Ending ending_of_stream_error(const wa::Node& error) {
  const std::string text = "stream error: " + wa::to_string(error);
  const int code = static_cast<int>(error.number("code").value_or(0));
  if (const wa::Node* conflict = error.child("conflict")) {
    const bool is_removed = conflict->attr("type") == "device_removed";
    return by_table(kStreamErrors, is_removed ? 401 : 409, text);
  }
  // A bare 401 says less than <conflict type=device_removed>: only a refused login settles that we are logged out.
  if (code == 401) return by_table(kStreamErrors, 0, text);
  Ending ending = by_table(kStreamErrors, code, text);
  if (code == 429) ending.backoff_steps = 5;
  return ending;
}

Ending ending_of_error(const Error& error) {
  Ending ending;
  ending.text = error.text();
  if (error.code == ErrorCode::UNTRUSTED) ending.reason = "UNTRUSTED_SERVER";
  if (error.code == ErrorCode::PROXY_ERROR) ending.reason = "PROXY_ERROR";
  return ending;
}

}  // namespace konekwa::session
