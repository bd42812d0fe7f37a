#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

TEST_CASE("a token is printed where it is made, and by -q alone") {
  FakeDaemon daemon([](const Asked&) { return Answered{201, R"({"id":"tok_1","name":"n","token":"kwt_5f0c"})"}; });
  CHECK(Program(daemon.url()).run({"tokens", "create", "--name", "n"}).out ==
        "token:  kwt_5f0c\nid:     tok_1\nname:   n\n");
  CHECK(Program(daemon.url()).run({"tokens", "create", "--name", "n", "-q"}).out == "kwt_5f0c\n");
}

TEST_CASE("a rotated API key is shown once, with the end of the one before") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"id":"tok_1","name":"n","token":"kwt_2","prefix":"kwt_2",)"
                         R"("previous_valid_until":"2026-03-11T10:30:00Z"})"};
  });
  CHECK(Program(daemon.url()).run({"tokens", "rotate", "tok_1"}).out ==
        "token:                 kwt_2\n"
        "id:                    tok_1\n"
        "name:                  n\n"
        "the one before until:  2026-03-11T10:30:00Z\n");
  CHECK(Program(daemon.url()).run({"tokens", "rotate", "tok_1", "-q"}).out == "kwt_2\n");
}
