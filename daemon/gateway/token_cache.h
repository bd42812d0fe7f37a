// Keys that were let in lately, so that not every request reads its key from the database. Whoever changes a token or a
// tenant forgets all of them once the change is durable, before it is answered: a revoked key is refused from then on.
// Times are not cached: who asks looks at expiry itself. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "daemon/store/tokens.h"

namespace konekwa {

class TokenCache {
 public:
  static constexpr std::size_t kKeysMax = 10'000;
  using Token = std::shared_ptr<const store::TokenRow>;

  Token find(const Bytes& key_hash);   // null: not known
  // What was read from the database after `read_at_generation` was asked for. Left out when all was forgotten since.
  void put(const Bytes& key_hash, Token token, std::uint64_t read_at_generation);
  std::uint64_t generation();
  void forget_all();

 private:
  std::mutex mutex_;
  std::uint64_t generation_ = 0;   // how often all was forgotten
  std::map<Bytes, Token> tokens_;
};

}  // namespace konekwa
