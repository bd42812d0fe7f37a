// Bodies of type multipart/form-data, as HTTP libraries send files: RFC 7578, read piece by piece and never held whole.
// Strict where clients agree: the form begins with its first delimiter, lines end in CRLF, a part has headers. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace konekwa::http {

inline constexpr std::size_t kFormPartsMax = 32;
inline constexpr std::size_t kFormHeadersMax = 8 * 1024;   // octets of one part's headers

// INVALID_REQUEST without one that RFC 2046 allows.
Result<std::string> boundary_of(std::string_view content_type);

class Multipart {
 public:
  explicit Multipart(std::string boundary) : delimiter_("\r\n--" + std::move(boundary)) {}

  struct Part {
    std::string name, filename;          // filename: without a path, "" when there is none
    std::string content_type;
  };
  struct Event {                         // a part begins, or octets of the one that began last
    bool begins = false;
    Part part;
    std::string octets;
  };
  // What a piece of the body has brought, in order. INVALID_REQUEST when it is no such form; nothing follows then.
  Result<std::vector<Event>> take(std::string_view piece);
  bool is_complete() const { return state_ == State::Closed; }

 private:
  enum class State { Start, Delimiter, Headers, Content, Closed };
  Result<bool> step(std::vector<Event>& events);           // false: more octets are needed
  Result<bool> read_start();
  Result<bool> read_delimiter();
  Result<bool> read_headers(std::vector<Event>& events);
  bool read_content(std::vector<Event>& events);

  const std::string delimiter_;
  State state_ = State::Start;
  std::string held_;                     // octets that were not understood yet
  std::size_t parts_ = 0;
};

}  // namespace konekwa::http
