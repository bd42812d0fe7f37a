// Points in time and spans, in milliseconds, and their text forms.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace konekwa {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;  // UTC, milliseconds since 1970

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline std::int64_t unix_ms(Time t) { return t.time_since_epoch().count(); }
inline std::int64_t unix_seconds(Time t) { return unix_ms(t) / 1000; }
inline Time from_unix_ms(std::int64_t ms) { return Time(Duration(ms)); }
inline Time from_unix_seconds(std::int64_t s) { return Time(seconds(s)); }

std::string to_rfc3339(Time t);                               // "2026-03-10T10:30:00Z", whole seconds
std::optional<Time> from_rfc3339(std::string_view text);      // with Z or a numeric offset, fractions allowed

// "0", "250ms", "5s", "30m", "24h", "90d". A bare number other than 0 is refused: it has no unit.
std::optional<Duration> parse_duration(std::string_view text);
std::string to_string(Duration d);                            // the shortest of the forms above

}  // namespace konekwa
