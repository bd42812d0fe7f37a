#include "daemon/wa/io/asio_loop.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace konekwa;
using wa::io::AsioLoop;

TEST_CASE("tasks from another thread run on the loop's thread, in order") {
  AsioLoop loop;
  std::string ran;
  std::thread thread([&] { loop.run(); });
  CHECK_FALSE(loop.is_current());
  for (const char c : {'a', 'b', 'c'}) {
    loop.post([&, c] {
      if (loop.is_current()) ran += c;
    });
  }
  loop.post([&] { loop.stop(); });
  thread.join();
  CHECK(ran == "abc");
}

TEST_CASE("timers fire in order and not before their time; cancelled ones never") {
  AsioLoop loop;
  std::string fired;
  std::vector<Timer> timers;
  Duration early_by = Duration::zero();
  loop.post([&] {
    const auto start = std::chrono::steady_clock::now();
    timers.push_back(loop.after(milliseconds(20), [&] { loop.stop(); }));
    timers.push_back(loop.after(milliseconds(10), [&, start] {
      fired += 'b';
      if (std::chrono::steady_clock::now() - start < milliseconds(10)) early_by = milliseconds(1);
      timers[2].reset();
    }));
    timers.push_back(loop.after(milliseconds(15), [&] { fired += 'x'; }));
    timers.push_back(loop.after(milliseconds(0), [&] { fired += 'a'; }));
  });
  loop.run();
  CHECK(fired == "ab");
  CHECK(early_by == Duration::zero());
}

TEST_CASE("a stopped loop drops what was posted") {
  auto token = std::make_shared<int>();
  {
    AsioLoop loop;
    loop.post([token] {});
    loop.stop();
    loop.run();
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("the time is the system's") {
  const AsioLoop loop;
  CHECK(loop.now() > from_unix_seconds(1'700'000'000));
}
