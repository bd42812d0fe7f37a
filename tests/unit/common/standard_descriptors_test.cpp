#include "common/standard_descriptors.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

using namespace konekwa;

namespace {

// What `check` says in a process whose standard descriptors are closed.
bool without_descriptors(bool (*check)()) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int descriptor : {0, 1, 2}) ::close(descriptor);
    occupy_standard_descriptors();
    ::_exit(check() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a file that is opened gets none of the standard descriptors, though they were closed") {
  CHECK(without_descriptors([] {
    int ends[2];
    return ::pipe(ends) == 0 && ends[0] > 2 && ends[1] > 2;
  }));
}

TEST_CASE("what was closed still cannot be read or written") {
  CHECK(without_descriptors([] {
    char octet = 'x';
    const bool cannot_read = ::read(0, &octet, 1) < 0 && errno == EBADF;
    return cannot_read && ::write(1, &octet, 1) < 0 && errno == EBADF && ::write(2, &octet, 1) < 0 && errno == EBADF;
  }));
}

TEST_CASE("descriptors that are open stay what they are") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], 1);
    occupy_standard_descriptors();
    ::_exit(::write(1, "x", 1) == 1 ? 0 : 1);
  }
  ::waitpid(child, nullptr, 0);
  char octet = 0;
  CHECK(::read(ends[0], &octet, 1) == 1);
  CHECK(octet == 'x');
  ::close(ends[0]);
  ::close(ends[1]);
}
