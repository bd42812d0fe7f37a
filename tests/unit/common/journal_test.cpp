#include "common/journal.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace konekwa;

TEST_CASE("the journal is where JOURNAL_STREAM says, and nowhere else") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  struct stat info{};
  REQUIRE(::fstat(ends[1], &info) == 0);
  const std::string stream = fmt::format("{}:{}", info.st_dev, info.st_ino);
  CHECK(log::is_journal(stream.c_str(), ends[1]));
  CHECK_FALSE(log::is_journal(stream.c_str(), STDIN_FILENO));   // inherited, and redirected since
  CHECK_FALSE(log::is_journal((stream + "0").c_str(), ends[1]));
  CHECK_FALSE(log::is_journal(nullptr, ends[1]));
  CHECK_FALSE(log::is_journal(stream.c_str(), -1));
  ::close(ends[0]);
  ::close(ends[1]);
}
