#include "daemon/gateway/queue_limit.h"

using namespace konekwa;

TEST_CASE("the rows are counted at first, then only when the bound is reached, once a second") {
  QueueLimit limit(3);
  const Time now = from_unix_seconds(1'773'137'400);
  std::int64_t waiting = 1;
  int counted = 0;
  const auto take = [&](Time at) {
    return limit.take("ses_1", at, [&] {
      ++counted;
      return waiting;
    });
  };
  CHECK(take(now));
  CHECK(take(now));
  CHECK(counted == 1);
  CHECK_FALSE(take(now + milliseconds(999)));
  CHECK(counted == 1);
  waiting = 3;
  CHECK_FALSE(take(now + seconds(1)));
  CHECK(counted == 2);
  waiting = 0;
  CHECK(take(now + seconds(2)));
  CHECK(counted == 3);
}

TEST_CASE("sessions are bounded apart, and a forgotten one is counted anew") {
  QueueLimit limit(1);
  const Time now = from_unix_seconds(1'773'137'400);
  const auto none = [] { return std::int64_t{0}; };
  CHECK(limit.take("ses_1", now, none));
  CHECK_FALSE(limit.take("ses_1", now, none));
  CHECK(limit.take("ses_2", now, none));
  limit.forget("ses_1");
  CHECK(limit.take("ses_1", now, none));
}
