#include "tests/support/manual_loop.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using konekwa::test::ManualLoop;

TEST_CASE("virtual time moves only when told, and stops at every timer") {
  ManualLoop loop;
  const auto start = loop.now();
  std::vector<Duration> fired;
  const auto note = [&] { fired.push_back(loop.now() - start); };
  const auto late = loop.after(hours(1), note);
  const auto early = loop.after(seconds(1), note);
  loop.run_until_idle();
  CHECK(fired.empty());
  loop.advance(hours(2));
  CHECK(fired == std::vector<Duration>{seconds(1), hours(1)});
  CHECK(loop.now() == start + hours(2));
}

TEST_CASE("posted tasks run in order, with what they post") {
  ManualLoop loop;
  std::string ran;
  loop.post([&] {
    ran += 'a';
    loop.post([&] { ran += 'c'; });
  });
  loop.post([&] { ran += 'b'; });
  CHECK(loop.run_until_idle() == 3);
  CHECK(ran == "abc");
}

TEST_CASE("waiting for a condition is limited") {
  ManualLoop loop;
  bool done = false;
  const auto timer = loop.after(seconds(5), [&] { done = true; });
  CHECK_FALSE(loop.run_until([&] { return done; }, seconds(4)));
  CHECK(loop.run_until([&] { return done; }, seconds(4)));
}
