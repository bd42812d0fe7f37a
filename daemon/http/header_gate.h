// The strict gate before every request: reads the header of an HTTP/1 request from its octets and refuses whatever
// two readers could understand in two ways (request smuggling), before a looser parser sees it.
//
// Pure functions. The server reads octets until find_header_end() has one, then reads the header by read_header().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "common/error.h"

namespace konekwa::http {

inline constexpr std::size_t kHeaderBytesMax = 16 * 1024;
inline constexpr std::size_t kHeaderFieldsMax = 100;
inline constexpr std::size_t kTargetBytesMax = 2 * 1024;

// Why a request is not read any further. The connection is closed after it.
struct Refusal {
  int status = 400;
  ErrorCode code = ErrorCode::INVALID_REQUEST;
  std::string details;
};
template <class T>
using Gated = tl::expected<T, Refusal>;

struct Header {
  std::string method;
  std::string target;                                            // as it was sent: "/v1/messages?direction=sent"
  bool is_http_1_1 = true;
  std::vector<std::pair<std::string, std::string>> fields;       // names in lower case, values without outer blanks
  std::uint64_t content_length = 0;
  bool is_chunked = false;
  bool keeps_alive = true;                                       // what the client wants
  bool expects_continue = false;

  bool has_body() const { return is_chunked || content_length > 0; }
  const std::string* find(std::string_view lower_case_name) const;
};

// Length of the header in `text`, its empty line included; 0 when more octets are needed. Octets before `from` were
// looked at by an earlier call. Refuses as soon as no octets that follow could make it right.
Gated<std::size_t> find_header_end(std::string_view text, std::size_t from);

// `text` is exactly one header. On TCP HTTP/1.1 must name one Host; on a Unix socket it may be left out.
Gated<Header> read_header(std::string_view text, bool is_unix_socket);

}  // namespace konekwa::http
