#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "tests/unit/media_probe/sample_files.h"

namespace konekwa::media_probe {
namespace {

// The status of the real program, as waitpid tells it.
int status_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), test::probe_program());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  const int problem = ::posix_spawn(&process, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  REQUIRE(problem == 0);
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  return status;
}

TEST_CASE("a probe that has fallen to its input is ended when it reaches out") {
  const auto what = GENERATE(as<std::string>(), "open", "create", "socket", "fork", "thread", "exec", "write", "kill",
                             "unlink", "map-executable", "make-executable");
  CAPTURE(what);
  const int status = status_of({"--self-test", what});
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSYS);
}

TEST_CASE("a probe gets no more memory than is its due") {
  const int status = status_of({"--self-test", "memory"});
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == EXIT_SUCCESS);
}

// Else the tests above could pass because everything fails.
TEST_CASE("a probe may do what it needs") {
  const int status = status_of({"--self-test", "nothing"});
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == EXIT_FAILURE);
}

TEST_CASE("a probe takes no other arguments") {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"file"}, {"--self-test"}, {"a", "b", "c"}}) {
    const int status = status_of(arguments);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 64);
  }
}

}  // namespace
}  // namespace konekwa::media_probe
