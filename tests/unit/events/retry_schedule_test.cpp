#include "daemon/events/webhook_dispatcher.h"

#include <catch2/catch.hpp>

namespace konekwa::events {
namespace {

TEST_CASE("the retry schedule is read from text") {
  CHECK(parse_retry_schedule("0s,5s,5m,30m,2h,5h,10h,14h,20h,24h") == default_retry_schedule());
  CHECK(parse_retry_schedule(" 0s , 250ms ") == std::vector<Duration>{Duration(0), Duration(250)});
  for (const char* text : {"", "5s,", ",5s", "5", "5 s", "-5s", "soon", "5s;6s"}) {
    INFO(text);
    CHECK_FALSE(parse_retry_schedule(text));
  }
}

}  // namespace
}  // namespace konekwa::events
