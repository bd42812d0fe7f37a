#include "daemon/gateway/token_cache.h"

namespace konekwa {

TokenCache::Token TokenCache::find(const Bytes& key_hash) {
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(key_hash);
  return found == tokens_.end() ? nullptr : found->second;
}

void TokenCache::put(const Bytes& key_hash, Token token, std::uint64_t read_at_generation) {
  const std::lock_guard lock(mutex_);
  if (read_at_generation != generation_) return;
  if (tokens_.size() >= kKeysMax) tokens_.clear();
  tokens_[key_hash] = std::move(token);
}

std::uint64_t TokenCache::generation() {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void TokenCache::forget_all() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  tokens_.clear();
}

}  // namespace konekwa
