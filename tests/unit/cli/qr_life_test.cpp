#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "cli/qr_life.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

namespace {

// Issued at the clock's beginning.
Json code(const std::string& text, const std::string& expires_at) {
  return {{"qr", text}, {"issued_at", "2026-03-10T10:30:00Z"}, {"expires_at", expires_at}, {"remaining_codes", 3}};
}

}  // namespace

TEST_CASE("a code lives until it expires by the clock") {
  JumpingClock clock;
  LiveCode live;
  clock.pause(seconds(15));
  live.take(code("first", "2026-03-10T10:30:20Z"), clock.now(), clock.elapsed());
  CHECK(live.left(clock) == seconds(5));
  CHECK(live.countdown(clock) == "this code lives 5 s, 3 more will come");
  clock.pause(seconds(6));
  CHECK(live.left(clock) == seconds(-1));
  CHECK(live.countdown(clock) == "this code lives 0 s, 3 more will come");
}

TEST_CASE("a code that lives by word of who knows goes by its whole life") {
  JumpingClock clock;
  LiveCode live;
  clock.start += minutes(5);
  live.take(code("first", "2026-03-10T10:30:20Z"), clock.now(), clock.elapsed());
  CHECK(live.left(clock) == seconds(20));
  clock.pause(seconds(12));
  live.take(code("first", "2026-03-10T10:30:20Z"), clock.now(), clock.elapsed());
  CHECK(live.left(clock) == seconds(8));   // told again it is no younger
  live.take(code("second", "2026-03-10T10:30:40Z"), clock.now(), clock.elapsed());
  CHECK(live.left(clock) == seconds(40));
}

TEST_CASE("a clock that is behind gives no code more than its life") {
  JumpingClock clock;
  LiveCode live;
  clock.start -= minutes(5);
  live.take(code("first", "2026-03-10T10:30:20Z"), clock.now(), clock.elapsed());
  CHECK(live.left(clock) == seconds(20));
}

TEST_CASE("a code without an end waits") {
  JumpingClock clock;
  LiveCode live;
  CHECK_FALSE(live.is_live());
  live.take({{"qr", "first"}}, clock.now(), clock.elapsed());
  CHECK(live.is_live());
  CHECK(live.countdown(clock) == "waiting for the scan");
  live.hide();
  CHECK_FALSE(live.is_live());
}

TEST_CASE("patience follows how long answers take") {
  Delay delay;
  CHECK(delay.patience() == seconds(3));
  delay.add(seconds(5));
  CHECK(delay.patience() == seconds(15));
  delay.add(seconds(30));
  CHECK(delay.patience() == seconds(20));
  for (int i = 0; i < 20; ++i) delay.add(milliseconds(20));
  CHECK(delay.patience() == seconds(3));
}
