#include "daemon/gateway/api_token.h"

#include "tests/support/seeded_random.h"

using namespace konekwa;

TEST_CASE("a new token has its form, and no two are alike") {
  test::SeededRandom random(1);
  const std::string token = new_api_token(random);
  CHECK(token.size() == 40);
  CHECK(token.starts_with("kwt_"));
  CHECK(is_api_token(token));
  CHECK(new_api_token(random) != token);
}

TEST_CASE("every single typing error is found by the checksum") {
  test::SeededRandom random(2);
  const std::string token = new_api_token(random);
  for (std::size_t i = 4; i < token.size(); ++i) {
    std::string wrong = token;
    wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
    CHECK_FALSE(is_api_token(wrong));
  }
  CHECK_FALSE(is_api_token(token + "a"));
  CHECK_FALSE(is_api_token(""));
}

TEST_CASE("the checksum is zlib's CRC-32 in base62") {
  // crc32("000000000000000000000000000000") is 0x77e5db82.
  std::uint64_t value = 0x77e5db82;
  std::string digits(6, '0');
  for (std::size_t i = 6; i-- > 0; value /= 62) {
    digits[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[value % 62];
  }
  CHECK(is_api_token("kwt_" + std::string(30, '0') + digits));
}

TEST_CASE("SHA-256 of a known text") {
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
