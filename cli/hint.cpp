#include "cli/hint.h"

namespace konekwa::cli {
namespace {

// By name: a code that this version does not know otherwise may still have a hint.
struct Entry {
  std::string_view code;
  const char* hint;
};

constexpr Entry kHints[] = {
    {"UNAUTHORIZED", "set KONEKWA_API_KEY, or use the Unix socket on the machine of konekwad"},
    {"INVALID_API_KEY", "konekwa tokens create makes a key; KONEKWA_API_KEY or --api-key passes it"},
    {"API_KEY_EXPIRED", "make another: konekwa tokens create --name NAME"},
    {"API_KEY_REVOKED", "make another: konekwa tokens create --name NAME"},
    {"FORBIDDEN", "konekwa tokens me shows what this key may do"},
    {"SESSION_NOT_FOUND", "konekwa sessions list shows the sessions"},
    {"MESSAGE_NOT_FOUND", "konekwa messages list shows the messages"},
    {"MEDIA_NOT_READY", "try again in some seconds"},
    {"TEMPLATE_NOT_FOUND", "konekwa templates list shows the templates"},
    {"GROUP_NOT_FOUND", "konekwa groups list --session SESSION shows its groups"},
    {"WEBHOOK_NOT_FOUND", "konekwa webhooks failed shows what can be replayed"},
    {"TOKEN_NOT_FOUND", "konekwa tokens list shows the tokens"},
    {"TENANT_NOT_FOUND", "konekwa tenants list shows the tenants"},
    {"TENANT_SUSPENDED", "an administrator ends that with konekwa tenants update TENANT --resume"},
    {"INVALID_RECIPIENT", "write the number with its country code, such as 6281234567890"},
    {"MISSING_PLACEHOLDER", "give each placeholder of the template a value with --set KEY=VALUE"},
    {"MESSAGE_ALREADY_SENT", "konekwa messages show MESSAGE tells how far it has come"},
    {"SESSION_NOT_ACTIVE", "the phone unlinked it: konekwa sessions reset SESSION --yes, then scan its QR code"},
    {"SESSION_ALREADY_PAIRED", "konekwa sessions connect brings it online; konekwa sessions reset unlinks it first"},
    {"IDEMPOTENCY_KEY_REUSED", "use one key for one message, and the same text when you repeat it"},
    {"RATE_LIMIT_EXCEEDED", "wait a second and try again"},
    {"STORAGE_UNAVAILABLE", "look at the disk of konekwad: full, read-only or failing"},
};

}  // namespace

std::string hint_for(const api::Failure& failure) {
  const std::string_view code = failure.code.empty() ? to_string(failure.error.code) : failure.code;
  for (const Entry& entry : kHints) {
    if (entry.code == code) return entry.hint;
  }
  return {};
}

}  // namespace konekwa::cli
