// What is encrypted under a key of another message's secret.
#include "daemon/wa/content.h"
#include "tests/support/seeded_random.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

namespace {

const std::string kPoll = "3EB0POLL", kAuthor = "111@lid", kVoter = "222@lid";
const Bytes kSecret(32, 8);

class FixedRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), std::uint8_t{5}); }
};

// Of Baileys 7.0.0-rc14, whose decryptPollVote opens it: a vote for "Senin".
SecretPayload known_vote() {
  return {"Poll Vote",
          *from_hex("06685b09244e75f46ae8bc28d615d2cb36a74b79d8dcca6abca2b529c9bba3d57fe3fe0435481a856135db4dda5a2750"
                    "d163"),
          Bytes(12, 5)};
}

}  // namespace

TEST_CASE("a vote of another client is opened") {
  const auto plain = open_secret_payload(known_vote(), kSecret, kPoll, kAuthor, kVoter);
  REQUIRE(plain);
  CHECK(parse_poll_vote(*plain) == std::vector<Bytes>{poll_option_hash("Senin")});
}

TEST_CASE("a vote is sealed as another client seals it") {
  FixedRandom random;
  const Bytes plain = encode_poll_vote({poll_option_hash("Senin")});
  const SecretPayload sealed = seal_secret_payload("Poll Vote", plain, kSecret, kPoll, kAuthor, kVoter, random);
  CHECK(sealed.payload == known_vote().payload);
  CHECK(sealed.iv == known_vote().iv);
}

TEST_CASE("a secret payload opens with the right names and secret only") {
  const auto opens = [](const SecretPayload& payload, const Bytes& secret, const std::string& poll,
                        const std::string& author, const std::string& actor) {
    const auto plain = open_secret_payload(payload, secret, poll, author, actor);
    if (!plain) CHECK(plain.error().code == ErrorCode::PROTOCOL);
    return plain.has_value();
  };
  CHECK(opens(known_vote(), kSecret, kPoll, kAuthor, kVoter));
  CHECK_FALSE(opens(known_vote(), Bytes(32, 9), kPoll, kAuthor, kVoter));
  CHECK_FALSE(opens(known_vote(), {}, kPoll, kAuthor, kVoter));
  CHECK_FALSE(opens(known_vote(), kSecret, "3EB0", kAuthor, kVoter));
  CHECK_FALSE(opens(known_vote(), kSecret, kPoll, kVoter, kAuthor));
  SecretPayload damaged = known_vote();
  damaged.payload[0] ^= 1;
  CHECK_FALSE(opens(damaged, kSecret, kPoll, kAuthor, kVoter));
  damaged = known_vote();
  damaged.iv.pop_back();
  CHECK_FALSE(opens(damaged, kSecret, kPoll, kAuthor, kVoter));
  damaged = known_vote();
  damaged.payload.resize(3);
  CHECK_FALSE(opens(damaged, kSecret, kPoll, kAuthor, kVoter));
  damaged = known_vote();
  damaged.use = "Enc Reaction";
  CHECK_FALSE(opens(damaged, kSecret, kPoll, kAuthor, kVoter));
}

TEST_CASE("every use has a key of its own, and added options may have that of edits") {
  konekwa::test::SeededRandom random(1);
  const Bytes plain = to_bytes("plain");
  for (const char* use : {"Enc Reaction", "Enc Comment", "Event Response", "Message Edit", "Poll Edit"}) {
    CAPTURE(use);
    SecretPayload sealed = seal_secret_payload(use, plain, kSecret, kPoll, kAuthor, kVoter, random);
    CHECK(open_secret_payload(sealed, kSecret, kPoll, kAuthor, kVoter) == plain);
    sealed.use = "Poll Add Option";
    CHECK(open_secret_payload(sealed, kSecret, kPoll, kAuthor, kVoter).has_value() ==
          (std::string_view(use) == "Poll Edit"));
  }
}

TEST_CASE("the plain forms: votes and reactions") {
  CHECK(parse_poll_vote({}).empty());
  CHECK(parse_poll_vote(as_bytes("\x0A\x7F")).empty());
  CHECK(parse_poll_vote(encode_poll_vote({Bytes(31, 1), Bytes(32, 2)})) == std::vector<Bytes>{Bytes(32, 2)});
  CHECK(parse_reaction(*from_hex("1204f09f918d")) == "👍");
  CHECK(parse_reaction({}) == "");
  CHECK(parse_reaction(*from_hex("1202c328")).error().code == ErrorCode::PROTOCOL);
  CHECK(parse_reaction(*from_hex("12")).error().code == ErrorCode::PROTOCOL);
}
