#include "cli/hint.h"

namespace konekwa::cli {
namespace {

struct Entry {
  ErrorCode code;
  const char* hint;
};

constexpr Entry kHints[] = {
    {ErrorCode::UNAUTHORIZED, "set KONEKWA_API_KEY, or use the Unix socket on the machine of konekwad"},
    {ErrorCode::INVALID_API_KEY, "konekwa tokens create makes a key; KONEKWA_API_KEY or --api-key passes it"},
    {ErrorCode::API_KEY_EXPIRED, "make another: konekwa tokens create --name NAME"},
    {ErrorCode::API_KEY_REVOKED, "make another: konekwa tokens create --name NAME"},
    {ErrorCode::FORBIDDEN, "konekwa tokens list shows the scopes of each key"},
    {ErrorCode::SESSION_NOT_FOUND, "konekwa sessions list shows the sessions"},
    {ErrorCode::MESSAGE_NOT_FOUND, "konekwa messages list shows the messages"},
    {ErrorCode::TOKEN_NOT_FOUND, "konekwa tokens list shows the tokens"},
    {ErrorCode::INVALID_RECIPIENT, "write the number with its country code, such as 6281234567890"},
    {ErrorCode::SESSION_NOT_ACTIVE, "the phone unlinked it: delete the session, create one and scan its QR code"},
    {ErrorCode::IDEMPOTENCY_KEY_REUSED, "use one key for one message, and the same text when you repeat it"},
    {ErrorCode::RATE_LIMIT_EXCEEDED, "wait a second and try again"},
    {ErrorCode::STORAGE_UNAVAILABLE, "look at the disk of konekwad: full, read-only or failing"},
};

}  // namespace

std::string hint_for(const api::Failure& failure) {
  for (const Entry& entry : kHints) {
    if (entry.code == failure.error.code) return entry.hint;
  }
  return {};
}

}  // namespace konekwa::cli
