// Errors as values. A function that can fail for reasons outside the program returns Result<T>; a broken
// assumption of our own is KONEKWA_ASSERT. There is no third way: exceptions end in the file that calls the
// library which throws them.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace konekwa {

enum class ErrorCode {
#define X(code, http_status, exit_code, retryable, text) code,
#include "common/errors.def"
#undef X
};

std::string_view to_string(ErrorCode code);      // "SESSION_NOT_FOUND"
std::string_view default_text(ErrorCode code);
int http_status(ErrorCode code);
int exit_code(ErrorCode code);
bool is_retryable(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::INTERNAL_ERROR;
  std::string message;  // lower case, no final period; never a secret, never a message body
  std::string details;  // which field, which value, what next; may be empty

  Error() = default;
  explicit Error(ErrorCode c, std::string d = {}) : code(c), message(default_text(c)), details(std::move(d)) {}
  Error(ErrorCode c, std::string m, std::string d) : code(c), message(std::move(m)), details(std::move(d)) {}
  std::string text() const { return details.empty() ? message : message + ": " + details; }
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string details = {}) {
  return tl::make_unexpected(Error(code, std::move(details)));
}
inline tl::unexpected<Error> fail(Error error) { return tl::make_unexpected(std::move(error)); }

// Our own mistakes, checked in release too. Input from network, disk, user or config is never asserted.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
#define KONEKWA_ASSERT(expression) \
  ((expression) ? void() : ::konekwa::assertion_failed(#expression, __FILE__, __LINE__))

}  // namespace konekwa
