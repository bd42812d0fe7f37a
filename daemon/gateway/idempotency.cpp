#include "daemon/gateway/idempotency.h"

#include <algorithm>

#include "daemon/gateway/api_token.h"
#include "daemon/store/tokens.h"

namespace konekwa {
namespace {
constexpr std::size_t kKeySizeMax = 255;
}

Result<IdempotencyKey> make_idempotency_key(const Caller& caller, const std::string& key, const std::string& route,
                                            const std::string& body) {
  if (key.empty()) return IdempotencyKey{};
  const bool is_visible = std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.size() > kKeySizeMax || !is_visible) {
    return fail(ErrorCode::INVALID_REQUEST, "Idempotency-Key must be 1 to 255 visible ASCII characters");
  }
  return IdempotencyKey{caller.acting_tenant(), key, sha256(route + "\n" + body)};
}

Result<std::optional<Reply>> find_first_reply(store::Database& db, const IdempotencyKey& key, Time now) {
  if (key.key.empty()) return std::nullopt;
  auto stored = store::tokens::find_reply(db, key.tenant, key.key, now - store::tokens::kReplyLifetime);
  if (!stored) return std::nullopt;
  if (stored->body_hash != key.fingerprint) return fail(ErrorCode::IDEMPOTENCY_KEY_REUSED);
  return Reply{stored->status, std::move(stored->body), {{"Idempotent-Replayed", "true"}}};
}

void keep_reply(store::Database& db, const IdempotencyKey& key, const Reply& reply, Time now) {
  if (key.key.empty()) return;
  store::tokens::put_reply(db, key.tenant, key.key, {key.fingerprint, reply.status, reply.body}, now);
}

}  // namespace konekwa
