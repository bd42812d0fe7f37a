#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

TEST_CASE("groups list shows the groups of a session", "[groups]") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"groups":[{"id":"1203@g.us","subject":"Arisan","size":12}],"total_count":1})"};
  });
  const Ran ran = Program(daemon.url()).run({"groups", "list", "--session", "toko"});
  CHECK(ran.out == "ID         SIZE  SUBJECT\n1203@g.us  12    Arisan\n");
}

TEST_CASE("groups show lists the people in it", "[groups]") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"id":"1203@g.us","subject":"Arisan","size":2,"only_admins_send":true,)"
                         R"("only_admins_edit":false,"participants":[)"
                         R"({"phone_number":"6281111111111","lid":"111@lid","role":"admin"},)"
                         R"({"lid":"222@lid","role":"member"}]})"};
  });
  const Ran ran = Program(daemon.url()).run({"groups", "show", "1203@g.us", "--session", "toko"});
  INFO(ran.out);
  CHECK(ran.out.find("only admins send:  yes") != std::string::npos);
  CHECK(ran.out.find("only admins edit:  no") != std::string::npos);
  CHECK(ran.out.find("6281111111111  111@lid  admin") != std::string::npos);
}

TEST_CASE("groups need a session", "[groups]") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, "{}"}; });
  CHECK(Program(daemon.url()).run({"groups", "list"}).exit_code == 2);
}
