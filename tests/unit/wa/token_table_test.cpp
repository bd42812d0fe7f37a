#include "daemon/wa/token_table.h"

#include <catch2/catch.hpp>

#include "daemon/wa/keys.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

template <std::size_t N>
std::string checksum(const std::array<std::string_view, N>& tokens) {
  std::string joined;
  for (std::size_t i = 0; i < N; ++i) joined.append(i == 0 ? "" : "\n").append(tokens[i]);
  return to_hex(sha256(as_bytes(joined)));
}

}  // namespace

TEST_CASE("the dictionaries are version 3, octet by octet") {
  CHECK(checksum(kSingleTokens) == "1e8302d2aba0d8c40d09fd79fc9c70347350cb00926dd0e3565683b347be35a5");
  CHECK(checksum(kDoubleTokens[0]) == "c19c763b07f7684fc58490eb838873edeec498d59bf4d56bbb33d8e7af4cb112");
  CHECK(checksum(kDoubleTokens[1]) == "e8894a798e1d92bc5f5f5cd1c2ffeef43a5c03acb1775b34d121ffe0a19b8f6a");
  CHECK(checksum(kDoubleTokens[2]) == "8f4081781e324d9ab95574b01ff37a44753403cebd0d1feeeb985661cc86cae8");
  CHECK(checksum(kDoubleTokens[3]) == "8e397aec42a6a503621910cf3d7a8f9e287e94192031265b6e55519e0e19fadc");
}

TEST_CASE("every token is found where it stands") {
  for (std::size_t i = 1; i < kSingleTokenCount; ++i) {
    const auto code = find_token(kSingleTokens[i]);
    REQUIRE(code);
    CHECK_FALSE(code->dictionary);
    CHECK(code->index == i);
  }
  for (std::size_t d = 0; d < kDictionaryCount; ++d) {
    for (std::size_t i = 0; i < kDictionarySize; ++i) {
      const auto code = find_token(kDoubleTokens[d][i]);
      REQUIRE(code);
      CHECK(code->dictionary == d);
      CHECK(code->index == i);
    }
  }
}

TEST_CASE("other strings are no tokens") {
  CHECK_FALSE(find_token(""));
  CHECK_FALSE(find_token("konekwa"));
  CHECK_FALSE(find_token("typ"));
  CHECK_FALSE(find_token("types"));
}
