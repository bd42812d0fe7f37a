#include "common/time.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace konekwa {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> kUnits{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

// Reads exactly `count` digits at `at`, and moves past them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[at + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  at += count;
  return value;
}

bool take(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

}  // namespace

std::string to_rfc3339(Time t) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(t);
  const auto day = floor<days>(whole);
  const year_month_day date(day);
  const hh_mm_ss clock(whole - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<Time> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  std::size_t at = 0;
  const auto y = digits(text, at, 4);
  if (!y || !take(text, at, "-")) return std::nullopt;
  const auto mo = digits(text, at, 2);
  if (!mo || !take(text, at, "-")) return std::nullopt;
  const auto d = digits(text, at, 2);
  if (!d || !take(text, at, "Tt ")) return std::nullopt;
  const auto h = digits(text, at, 2);
  if (!h || !take(text, at, ":")) return std::nullopt;
  const auto mi = digits(text, at, 2);
  if (!mi || !take(text, at, ":")) return std::nullopt;
  const auto s = digits(text, at, 2);
  if (!s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  int fraction_ms = 0;
  if (take(text, at, ".")) {
    int scale = 100;
    std::size_t count = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count, scale /= 10) {
      fraction_ms += (text[at] - '0') * scale;
    }
    if (count == 0) return std::nullopt;
  }
  const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  minutes offset{0};
  if (!take(text, at, "Zz")) {
    if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
    const int sign = text[at++] == '+' ? 1 : -1;
    const auto oh = digits(text, at, 2);
    if (!oh || !take(text, at, ":")) return std::nullopt;
    const auto om = digits(text, at, 2);
    if (!om || *oh > 23 || *om > 59) return std::nullopt;
    offset = minutes(sign * (*oh * 60 + *om));
  }
  if (at != text.size()) return std::nullopt;
  return sys_days(date) + hours(*h) + minutes(*mi) + seconds(*s) + milliseconds(fraction_ms) - offset;
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (suffix.empty()) return value == 0 ? std::optional(Duration(0)) : std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.suffix != suffix) continue;
    if (value > std::numeric_limits<std::int64_t>::max() / unit.ms) return std::nullopt;
    return Duration(value * unit.ms);
  }
  return std::nullopt;
}

std::string to_string(Duration d) {
  for (const Unit& unit : kUnits) {
    if (d.count() != 0 && d.count() % unit.ms == 0) return fmt::format("{}{}", d.count() / unit.ms, unit.suffix);
  }
  return "0s";
}

}  // namespace konekwa
