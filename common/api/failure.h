// What went wrong with a call of the API, as the caller is told about it: our own code for deciding, and the daemon's
// words unchanged for showing.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "common/error.h"

namespace konekwa::api {

struct Failure {
  Error error;          // the code by its name, or by the class of the HTTP status when this version has no such code
  std::string code;     // as the daemon wrote it; "" when the failure was found on this side of the wire
  std::string body;     // the API's error object, one JSON document
  std::string hint;     // the next step, for a person; may be empty
  std::string request_id;   // what the daemon's log calls the request; "" when it named none

  explicit Failure(Error e, std::string h = {});                   // found on this side of the wire
  Failure(Error e, std::string daemons_code, std::string daemons_body)
      : error(std::move(e)), code(std::move(daemons_code)), body(std::move(daemons_body)) {}
};

template <class T = void>
using Outcome = tl::expected<T, Failure>;

// Found on this side of the wire, in our words.
inline tl::unexpected<Failure> failed(ErrorCode code, std::string message, std::string hint = {}) {
  return tl::make_unexpected(Failure(Error(code, std::move(message), ""), std::move(hint)));
}
inline tl::unexpected<Failure> failed(Failure failure) { return tl::make_unexpected(std::move(failure)); }

// The same by a name that is no API's, of something that only this side does. Its exit code is 1.
tl::unexpected<Failure> failed(std::string_view code, std::string message);

// Of a file that was to be read and could not be, with what it is instead of a file, or the system's reason.
Failure unreadable(const std::string& path);

// Reads an error body. A body that is not the API's error object (a proxy's page) still gives a failure.
Failure failure_from(int http_status, const std::string& body);

}  // namespace konekwa::api
