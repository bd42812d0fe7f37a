#include "daemon/http/roll_call.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace konekwa;
using http::RollCall;

TEST_CASE("everyone is there when each thread has come, and no thread answers for another") {
  std::atomic<int> complete = 0;
  RollCall call(3, [&] { ++complete; }, seconds(30));
  std::thread first([&] { call.answer(); });
  std::thread second([&] { call.answer(); });
  CHECK(complete == 0);   // both are held until the third comes
  call.answer();
  first.join();
  second.join();
  CHECK(complete == 1);
}

TEST_CASE("who comes alone is let go, and the roll call is over") {
  int complete = 0;
  RollCall call(2, [&] { ++complete; }, milliseconds(1));
  call.answer();
  call.answer();   // too late
  CHECK(complete == 0);
}

TEST_CASE("a pool of one thread does not wait") {
  int complete = 0;
  RollCall call(1, [&] { ++complete; }, seconds(30));
  call.answer();
  CHECK(complete == 1);
}
