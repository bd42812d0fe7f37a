// Where the next page of a list begins: an opaque token that holds only for the filters it was made with. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"

namespace konekwa {

// `filters`: every filter of the list as one text, in a fixed order; the tenant too.
std::string make_page_token(std::int64_t last_sequence, std::string_view filters);
Result<std::int64_t> read_page_token(std::string_view token, std::string_view filters);   // INVALID_PAGE_TOKEN

inline constexpr int kPageSizeDefault = 20;
inline constexpr int kPageSizeMax = 100;
// "" is the default, more than the maximum is the maximum; INVALID_REQUEST when it is not a positive number.
Result<int> parse_page_size(std::string_view text);

// A list that the specification shows without pages: all of it up to `all_max`, until page_size or page_token is given.
struct PageWanted {
  std::int64_t before = 0;   // 0: from the newest
  int size = 0;
};
Result<PageWanted> read_optional_page(const std::vector<std::pair<std::string, std::string>>& query,
                                      std::string_view filters, int all_max);

}  // namespace konekwa
