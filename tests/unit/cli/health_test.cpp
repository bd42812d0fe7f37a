#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

TEST_CASE("health --ready: not ready is an answer and exit code 1") {
  Answered answer{503, R"({"status":"not_ready","checks":{"database":"ok","sessions":"3 of 5 are still starting"}})"};
  FakeDaemon daemon([&](const Asked&) { return answer; });
  const Ran text = Program(daemon.url()).run({"health", "--ready"});
  CHECK(text.exit_code == 1);
  CHECK(text.out == "status:    not_ready\ndatabase:  ok\nsessions:  3 of 5 are still starting\n");
  CHECK(text.err == "konekwa: error: konekwad is not ready\n");
  CHECK(Program(daemon.url()).run({"health", "--ready", "--json"}).out == answer.body + "\n");
  answer = {200, R"({"status":"ready","checks":{"database":"ok","sessions":"ok"}})"};
  CHECK(Program(daemon.url()).run({"health", "--ready", "-q"}).out == "ready\n");
  answer = {404, R"({"error":{"code":"NOT_FOUND","message":"there is no such route"}})"};
  CHECK(Program(daemon.url()).run({"health", "--ready"}).exit_code == 3);
}
