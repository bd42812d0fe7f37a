#include "daemon/http/byte_range.h"

#include <algorithm>
#include <charconv>

namespace konekwa::http {
namespace {

// Digits only, and at least one.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

RangeAnswer range(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return {std::nullopt, true};
  return {ByteRange{begin, end}, false};
}

}  // namespace

RangeAnswer read_range(std::string_view value, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!value.starts_with(kUnit)) return {};
  value.remove_prefix(kUnit.size());
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view first = value.substr(0, dash), last = value.substr(dash + 1);
  if (first.empty()) {   // the last so many
    const auto count = number(last);
    if (!count) return {};
    return range(size - std::min(*count, size), size);
  }
  const auto begin = number(first);
  if (!begin) return {};
  if (last.empty()) return range(*begin, size);
  const auto end = number(last);
  if (!end || *end < *begin) return {};
  return range(*begin, *end < size ? *end + 1 : size);
}

}  // namespace konekwa::http
