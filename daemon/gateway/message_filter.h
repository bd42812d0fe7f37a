// The query of GET /v1/messages, checked. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/error.h"
#include "daemon/gateway.h"
#include "daemon/store/messages.h"

namespace konekwa {

struct MessageFilter {
  store::messages::Filter filter;
  std::string fingerprint;               // of the filters, for page tokens
  std::int64_t before_sequence = 0;      // 0: from the newest
  int page_size = 0;
  bool counts = true;                    // wants total_count
};

// Of a filter: a point in time, or a day, which begins there and, for `is_end`, is over. INVALID_DATE; "": nothing.
Result<std::optional<Time>> read_date(std::string text, const char* name, bool is_end);

// `default_country` as in parse_recipient.
Result<MessageFilter> read_message_filter(const Caller& caller, const Gateway::Query& query,
                                          std::string_view default_country);

}  // namespace konekwa
