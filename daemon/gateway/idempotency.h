// The same request twice is one: the header Idempotency-Key names a request, and its first answer is given again for a
// day. The answer is stored in the transaction of what it reports.
#pragma once

#include <optional>
#include <string>

#include "common/bytes.h"
#include "common/error.h"
#include "common/time.h"
#include "daemon/gateway.h"
#include "daemon/store/database.h"

namespace konekwa {

struct IdempotencyKey {
  std::string tenant;
  std::string key;        // "": the client sent none, and every function here does nothing
  Bytes fingerprint;      // of route and body
};

// INVALID_REQUEST when the key is not 1 to 255 visible ASCII characters.
Result<IdempotencyKey> make_idempotency_key(const Caller& caller, const std::string& key, const std::string& route,
                                            const std::string& body);

// The first answer, as a replay; IDEMPOTENCY_KEY_REUSED when the key came with another request.
Result<std::optional<Reply>> find_first_reply(store::Database& db, const IdempotencyKey& key, Time now);
void keep_reply(store::Database& db, const IdempotencyKey& key, const Reply& reply, Time now);

}  // namespace konekwa
