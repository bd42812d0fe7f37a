#include "daemon/wa/signal/sender_keys.h"

#include "tests/unit/wa/signal_parties.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;
using namespace konekwa::wa::test;

namespace {

const Jid kGroup{"120363021033254949", Server::Group};
const Jid kOtherGroup{"120363000000000001", Server::Group};

// Alice and Bob are in one group; Bob has Alice's key.
struct Members {
  Members() { share(); }
  void share() {
    const auto accepted = bob.state->sender_keys().accept(kGroup, alice.jid, *distribution());
    KONEKWA_ASSERT(accepted);
  }
  Result<Bytes> distribution() { return alice.state->sender_keys().distribution(kGroup, alice.jid); }
  Bytes write(std::string_view text) { return *alice.state->sender_keys().encrypt(kGroup, alice.jid, as_bytes(text)); }
  std::string read(const Bytes& ciphertext) {
    const auto plain = bob.state->sender_keys().decrypt(kGroup, alice.jid, ciphertext);
    return plain ? konekwa::to_string(*plain) : std::string(to_string(plain.error().code));
  }
  Party alice{Jid::lid("100000000000001", 3), 1};
  Party bob{Jid::lid("100000000000002"), 2};
};

}  // namespace

TEST_CASE("sender keys are named by group and device", "[sender_keys]") {
  CHECK(sender_key_name(kGroup, Jid::lid("1234", 5)) == "120363021033254949@g.us::1234_1.5");
}

TEST_CASE("who has the distribution can read the group", "[sender_keys]") {
  Members m;
  CHECK(m.read(m.write("one")) == "one");
  CHECK(m.read(m.write("two")) == "two");
  CHECK(m.write("three")[0] == 0x33);
  CHECK((*m.distribution())[0] == 0x33);
}

TEST_CASE("messages of a group may come out of order", "[sender_keys]") {
  Members m;
  const Bytes one = m.write("one"), two = m.write("two"), three = m.write("three");
  CHECK(m.read(three) == "three");
  CHECK(m.read(one) == "one");
  CHECK(m.read(two) == "two");
}

TEST_CASE("gaps in a chain are tolerated, too far ahead is not", "[sender_keys]") {
  Members m;
  const bool is_too_far = GENERATE(false, true);
  for (int i = 0; i < (is_too_far ? 2001 : 2000); ++i) (void)m.write("skipped");
  CHECK(m.read(m.write("ahead")) == (is_too_far ? "PROTOCOL" : "ahead"));
}

TEST_CASE("a sender key opens a message once", "[sender_keys]") {
  Members m;
  const Bytes one = m.write("one"), two = m.write("two");
  REQUIRE(m.read(two) == "two");
  REQUIRE(m.read(one) == "one");
  CHECK(m.read(one) == "DUPLICATE");
  CHECK(m.read(two) == "DUPLICATE");
}

TEST_CASE("without the distribution there is nothing to decrypt with", "[sender_keys]") {
  Members m;
  const Bytes one = m.write("one");
  Party carol(Jid::lid("100000000000003"), 3);
  const auto by_stranger = carol.state->sender_keys().decrypt(kGroup, m.alice.jid, one);
  REQUIRE_FALSE(by_stranger);
  CHECK(by_stranger.error().code == ErrorCode::NO_SESSION);
  const auto in_other_group = m.bob.state->sender_keys().decrypt(kOtherGroup, m.alice.jid, one);
  REQUIRE_FALSE(in_other_group);
  CHECK(in_other_group.error().code == ErrorCode::NO_SESSION);
  const auto not_made = carol.state->sender_keys().encrypt(kGroup, carol.jid, as_bytes("x"));
  REQUIRE_FALSE(not_made);
  CHECK(not_made.error().code == ErrorCode::NO_SESSION);
}

TEST_CASE("a rotated key cannot be read without its distribution", "[sender_keys]") {
  Members m;
  REQUIRE(m.read(m.write("before")) == "before");
  const Bytes late = m.write("late");
  m.alice.state->sender_keys().forget(kGroup, m.alice.jid);
  CHECK_FALSE(m.alice.state->sender_keys().has(kGroup, m.alice.jid));
  const auto next = m.distribution();
  REQUIRE(next);
  const Bytes after = m.write("after");
  CHECK(m.read(after) == "NO_SESSION");
  REQUIRE(m.bob.state->sender_keys().accept(kGroup, m.alice.jid, *next));
  CHECK(m.read(after) == "after");
  CHECK(m.read(late) == "late");   // the key before is kept for what is under way
}

TEST_CASE("a distribution that comes again takes nothing away", "[sender_keys]") {
  Members m;
  const Bytes one = m.write("one"), two = m.write("two");
  m.share();                                   // at the third message
  CHECK(m.read(m.write("three")) == "three");
  CHECK(m.read(one) == "one");
  m.share();
  CHECK(m.read(two) == "two");
  CHECK(m.read(one) == "DUPLICATE");
}

TEST_CASE("a distribution far ahead replaces a chain that cannot follow", "[sender_keys]") {
  Members m;
  for (int i = 0; i < 2500; ++i) (void)m.write("missed");
  m.share();
  CHECK(m.read(m.write("ahead")) == "ahead");
}

TEST_CASE("damage and forgery are refused and change nothing", "[sender_keys]") {
  Members m;
  m.bob.commit();
  const Bytes good = m.write("text");
  for (const std::size_t at : {std::size_t{0}, std::size_t{3}, good.size() / 2, good.size() - 70, good.size() - 1}) {
    Bytes bad = good;
    bad[at] ^= 0x10;
    CHECK(m.read(bad) != "text");
  }
  CHECK(m.read(Bytes{}) == "PROTOCOL");
  CHECK(m.read(Bytes(64, 0x33)) == "PROTOCOL");
  CHECK(m.bob.state->take_changes().empty());
  CHECK(m.read(good) == "text");

  Bytes distribution = *m.distribution();
  distribution.resize(distribution.size() / 2);
  CHECK_FALSE(m.bob.state->sender_keys().accept(kGroup, m.alice.jid, distribution));
  CHECK_FALSE(m.bob.state->sender_keys().accept(kGroup, m.alice.jid, Bytes{}));
}

TEST_CASE("nobody can write with a key that only opens", "[sender_keys]") {
  Members m;
  const auto forged = m.bob.state->sender_keys().encrypt(kGroup, m.alice.jid, as_bytes("forged"));
  CHECK_FALSE(forged);
  CHECK(m.bob.state->sender_keys().has(kGroup, m.alice.jid));
}

TEST_CASE("sender keys survive a restart, and damaged rows do not stop the next key", "[sender_keys]") {
  Members m;
  const Bytes one = m.write("one");
  m.alice.commit();
  m.bob.commit();
  m.alice.restart();
  m.bob.restart();
  CHECK(m.read(m.write("two")) == "two");
  CHECK(m.read(one) == "one");

  m.bob.commit();
  for (Party* party : {&m.alice, &m.bob}) {
    for (auto& [key, value] : party->rows.values) {
      if (key.first == SignalRow::Kind::SenderKey) value = Bytes{1, 2, 3};
    }
    party->restart();
  }
  CHECK(m.read(one) == "NO_SESSION");
  m.share();
  CHECK(m.read(m.write("again")) == "again");
}

TEST_CASE("an skmsg is not for a ratchet", "[sender_keys]") {
  Members m;
  const auto plain = m.bob.state->decrypt(m.alice.jid, EncType::SkMsg, m.write("one"));
  REQUIRE_FALSE(plain);
  CHECK(plain.error().code == ErrorCode::PROTOCOL);
}
