#include "common/timer_queue.h"

#include <catch2/catch.hpp>

using namespace konekwa;

TEST_CASE("timers fire in order of time, then of adding") {
  TimerQueue queue;
  std::string fired;
  const auto note = [&fired](char c) { return [&fired, c] { fired.push_back(c); }; };
  const auto a = queue.add(milliseconds(20), note('c'));
  const auto b = queue.add(milliseconds(10), note('a'));
  const auto c = queue.add(milliseconds(10), note('b'));
  CHECK(queue.next() == milliseconds(10));
  CHECK_FALSE(queue.take_due(milliseconds(9)));
  while (auto task = queue.take_due(milliseconds(20))) (*task)();
  CHECK(fired == "abc");
  CHECK_FALSE(a.is_pending());
  CHECK_FALSE(queue.next());
}

TEST_CASE("a cancelled timer does not fire") {
  TimerQueue queue;
  auto timer = queue.add(milliseconds(10), [] {});
  CHECK(timer.is_pending());
  timer.reset();
  CHECK_FALSE(queue.next());
  CHECK_FALSE(queue.take_due(milliseconds(10)));
}

TEST_CASE("cancelled timers do not pile up") {
  TimerQueue queue;
  std::vector<Timer> kept;
  for (int i = 0; i < 100; ++i) kept.push_back(queue.add(hours(2), [] {}));
  for (int i = 0; i < 100'000; ++i) {
    const auto cancelled_at_once = queue.add(hours(1), [] {});
  }
  CHECK(queue.size() < 400);
  kept.clear();
  CHECK_FALSE(queue.next());
}
