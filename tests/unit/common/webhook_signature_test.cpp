#include "common/webhook_signature.h"

#include <catch2/catch.hpp>

#include "common/bytes.h"

#include "tests/support/seeded_random.h"

namespace konekwa {
namespace {

TEST_CASE("the vector of the Standard Webhooks convention") {
  CHECK(webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                          "{\"test\": 2432232314}") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("a secret of another form signs nothing") {
  CHECK(webhook_signature("", "id", 1, "body").empty());
  CHECK(webhook_signature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "id", 1, "body").empty());
  CHECK(webhook_signature("whsec_", "id", 1, "body").empty());
  CHECK(webhook_signature("whsec_$$$", "id", 1, "body").empty());
}

TEST_CASE("a new secret has 32 octets and is another each time") {
  test::SeededRandom random(1);
  const std::string one = new_webhook_secret(random), other = new_webhook_secret(random);
  CHECK(one.substr(0, 6) == "whsec_");
  CHECK(from_base64(one.substr(6))->size() == 32);
  CHECK(one != other);
  CHECK_FALSE(webhook_signature(one, "id", 1, "body").empty());
}

}  // namespace
}  // namespace konekwa
