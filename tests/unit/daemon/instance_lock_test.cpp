#include "daemon/instance_lock.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_dir.h"

using namespace konekwa;

TEST_CASE("a data directory is made for its owner alone") {
  test::TempDir dir;
  const std::string path = dir.file("a/b");
  REQUIRE(InstanceLock::acquire(path));
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
}

TEST_CASE("a second daemon is told who has the directory") {
  test::TempDir dir;
  {
    const auto first = InstanceLock::acquire(dir.file("d"));
    REQUIRE(first);
    const auto second = InstanceLock::acquire(dir.file("d"));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::CONFLICT);
    CHECK(second.error().text().find("process " + std::to_string(::getpid())) != std::string::npos);
  }
  CHECK(InstanceLock::acquire(dir.file("d")));
}

TEST_CASE("a lock that moves is held on") {
  test::TempDir dir;
  auto first = InstanceLock::acquire(dir.file("d"));
  REQUIRE(first);
  const InstanceLock moved = std::move(*first);
  CHECK_FALSE(InstanceLock::acquire(dir.file("d")));
}

TEST_CASE("a directory that others may open is refused, with the way out") {
  test::TempDir dir;
  REQUIRE(::mkdir(dir.file("d").c_str(), 0700) == 0);
  REQUIRE(::chmod(dir.file("d").c_str(), 0750) == 0);
  const auto lock = InstanceLock::acquire(dir.file("d"));
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code == ErrorCode::INVALID_REQUEST);
  CHECK(lock.error().text().find("chmod 700") != std::string::npos);
}

TEST_CASE("a file is no data directory") {
  test::TempDir dir;
  REQUIRE(InstanceLock::acquire(dir.file("d")));
  CHECK_FALSE(InstanceLock::acquire(dir.file("d/konekwad.lock")));
}
