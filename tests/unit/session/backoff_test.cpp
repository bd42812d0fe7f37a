#include "daemon/session/backoff.h"

#include <set>

#include "tests/support/seeded_random.h"

using namespace konekwa;

TEST_CASE("waits grow with failures and never pass five minutes") {
  test::SeededRandom random(1);
  session::Backoff backoff(random);
  CHECK(backoff.next() <= Duration(seconds(1)));
  Duration longest{0};
  for (int i = 0; i < 200; ++i) longest = std::max(longest, backoff.next());
  CHECK(longest > Duration(minutes(2)));
  CHECK(longest <= Duration(minutes(5)));
}

TEST_CASE("waits are spread, so that sessions do not come back together") {
  test::SeededRandom random(2);
  std::set<Duration> waits;
  for (int i = 0; i < 50; ++i) {
    session::Backoff backoff(random);
    waits.insert(backoff.next(6));
  }
  CHECK(waits.size() > 40);
}

TEST_CASE("a minute of health forgives earlier failures, a moment does not") {
  test::SeededRandom random(3);
  session::Backoff backoff(random);
  for (int i = 0; i < 9; ++i) (void)backoff.next();
  const Time now = from_unix_seconds(1'773'137'400);

  backoff.connected(now);
  backoff.disconnected(now + seconds(61));
  CHECK(backoff.next() <= Duration(seconds(1)));

  for (int i = 0; i < 9; ++i) (void)backoff.next();
  backoff.connected(now);
  backoff.disconnected(now + seconds(1));
  Duration longest{0};
  for (int i = 0; i < 20; ++i) longest = std::max(longest, backoff.next());
  CHECK(longest > Duration(minutes(1)));
}
