#include "daemon/gateway/token_cache.h"

#include <catch2/catch.hpp>

namespace konekwa {
namespace {

TokenCache::Token token(const std::string& id) {
  store::TokenRow row;
  row.id = id;
  return std::make_shared<const store::TokenRow>(std::move(row));
}

TEST_CASE("a key is known until all are forgotten") {
  TokenCache cache;
  CHECK(cache.find({1}) == nullptr);
  cache.put({1}, token("tok_1"), cache.generation());
  CHECK(cache.find({1})->id == "tok_1");
  cache.forget_all();
  CHECK(cache.find({1}) == nullptr);
}

TEST_CASE("what was read before a change is not kept after it") {
  TokenCache cache;
  const auto before = cache.generation();
  cache.forget_all();   // revoked between the read and the put
  cache.put({1}, token("tok_1"), before);
  CHECK(cache.find({1}) == nullptr);
}

TEST_CASE("it does not grow for ever") {
  TokenCache cache;
  for (std::size_t i = 0; i <= TokenCache::kKeysMax; ++i) {
    cache.put({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}, token("t"), cache.generation());
  }
  CHECK(cache.find({0, 0}) == nullptr);
}

}  // namespace
}  // namespace konekwa
