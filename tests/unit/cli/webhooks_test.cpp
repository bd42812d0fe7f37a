#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

TEST_CASE("webhooks failed says when there are more than it shows") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"webhooks":[{"id":"wh_1","session_id":"s","event_type":"message.sent","state":"dead",)"
                         R"("attempts":10,"last_attempt_at":"2026-03-10T10:35:00Z","error":"Connection refused"}],)"
                         R"("total_count":2000})"};
  });
  const Ran ran = Program(daemon.url()).run({"webhooks", "failed"});
  CHECK(ran.out == "ID    EVENT         STATE  ATTEMPTS  LAST ATTEMPT          SESSION  ERROR\n"
                   "wh_1  message.sent  dead   10        2026-03-10T10:35:00Z  s        Connection refused\n");
  CHECK(ran.err == "konekwa: these are the newest of 2000\n");
}
