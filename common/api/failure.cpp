#include "common/api/failure.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/json.h"

namespace konekwa::api {
namespace {

constexpr ErrorCode kCodes[] = {
#define X(code, http_status, exit_code, retryable, text) ErrorCode::code,
#include "common/errors.def"
#undef X
};

std::optional<ErrorCode> code_named(std::string_view name) {
  for (ErrorCode code : kCodes) {
    if (to_string(code) == name) return code;
  }
  return std::nullopt;
}

// What a code unknown to this version means to a script: its exit code follows from the HTTP status.
ErrorCode code_of_status(int status) {
  switch (status) {
    case 401: return ErrorCode::UNAUTHORIZED;
    case 403: return ErrorCode::FORBIDDEN;
    case 404: return ErrorCode::NOT_FOUND;
    case 405: return ErrorCode::METHOD_NOT_ALLOWED;
    case 409:
    case 410: return ErrorCode::CONFLICT;
    case 413: return ErrorCode::PAYLOAD_TOO_LARGE;
    case 415: return ErrorCode::UNSUPPORTED_MEDIA_TYPE;
    case 429: return ErrorCode::RATE_LIMIT_EXCEEDED;
    default: return status >= 400 && status < 500 ? ErrorCode::INVALID_REQUEST : ErrorCode::INTERNAL_ERROR;
  }
}

std::string text_at(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::string error_body(const Error& error, std::string_view code) {
  Json inner{{"code", code}, {"message", error.message}};
  if (!error.details.empty()) inner["details"] = error.details;
  return Json{{"error", std::move(inner)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Why, where opening it or reading it does not say.
const char* nature_of(mode_t mode) {
  if (S_ISDIR(mode)) return "it is a directory";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "it is a device";
  if (S_ISFIFO(mode)) return "the pipe ended early";
  return S_ISSOCK(mode) ? "it is a socket" : nullptr;
}

}  // namespace

Failure::Failure(Error e, std::string h)
    : error(std::move(e)), body(error_body(error, to_string(error.code))), hint(std::move(h)) {}

tl::unexpected<Failure> failed(std::string_view code, std::string message) {
  Failure out(Error(ErrorCode::INTERNAL_ERROR, std::move(message), ""));
  out.body = error_body(out.error, code);
  return failed(std::move(out));
}

Failure unreadable(const std::string& path) {
  struct stat about {};
  char octet = 0;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  int number = descriptor < 0 ? errno : 0;
  const bool is_known = ::stat(path.c_str(), &about) == 0;
  const char* nature = is_known && number != EACCES && number != EPERM ? nature_of(about.st_mode) : nullptr;
  if (descriptor >= 0 && nature == nullptr) number = ::read(descriptor, &octet, 1) < 0 ? errno : EIO;
  if (descriptor >= 0) ::close(descriptor);
  const char* const why = nature != nullptr ? nature : std::strerror(number);
  return Failure(Error(ErrorCode::INVALID_REQUEST, fmt::format("cannot read {}: {}", path, why), ""));
}

Failure failure_from(int http_status, const std::string& body) {
  const Result<Json> parsed = parse_json(body);
  const bool is_ours = parsed && parsed->is_object() && parsed->contains("error") && (*parsed)["error"].is_object();
  if (!is_ours) return Failure(Error(code_of_status(http_status), fmt::format("HTTP status {}", http_status), ""));

  const Json& inner = (*parsed)["error"];
  std::string name = text_at(inner, "code");
  Error error(code_named(name).value_or(code_of_status(http_status)), text_at(inner, "details"));
  if (std::string message = text_at(inner, "message"); !message.empty()) error.message = std::move(message);
  if (name.empty()) name = to_string(error.code);
  return Failure(std::move(error), std::move(name), body);
}

}  // namespace konekwa::api
