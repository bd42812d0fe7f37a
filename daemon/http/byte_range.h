// The header Range of RFC 9110 14.2, for one range of octets. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace konekwa::http {

struct ByteRange {
  std::uint64_t begin = 0, end = 0;   // end is behind the last octet
};
struct RangeAnswer {
  std::optional<ByteRange> range;     // nothing: the whole, as for several ranges and for what is none
  bool is_unsatisfiable = false;      // it begins behind the end
};
RangeAnswer read_range(std::string_view value, std::uint64_t size);

}  // namespace konekwa::http
