#include "daemon/sandbox/temporary_folder.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace konekwa;
using konekwa::sandbox::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

// Its name is of this run of the tests alone.
std::string kind() { return "konekwa-test-folder-" + std::to_string(::getpid()) + "-"; }

// A process that is gone without a chance to clean up; the path of what it left behind.
std::string folder_of_a_killed_process(const std::string& of_kind) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto folder = TemporaryFolder::make(of_kind);
    if (folder) std::ofstream(folder->path() + "/file") << "x";
    if (folder && ::write(ends[1], folder->path().data(), folder->path().size()) < 0) ::_exit(1);
    ::_exit(0);   // destructors do not run
  }
  ::close(ends[1]);
  ::waitpid(child, nullptr, 0);
  char path[256];
  const ssize_t size = ::read(ends[0], path, sizeof path);
  ::close(ends[0]);
  return std::string(path, size > 0 ? static_cast<std::size_t>(size) : 0);
}

}  // namespace

TEST_CASE("a temporary folder goes with its owner, files and all") {
  std::string path;
  {
    const auto folder = TemporaryFolder::make(kind());
    REQUIRE(folder);
    path = folder->path();
    std::ofstream(path + "/file") << "x";
    CHECK(fs::is_directory(path));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("what a killed process left goes with the next folder, what is in use stays") {
  const auto living = TemporaryFolder::make(kind());
  REQUIRE(living);
  const std::string left = folder_of_a_killed_process(kind());
  REQUIRE(fs::exists(left + "/file"));
  const auto next = TemporaryFolder::make(kind());
  REQUIRE(next);
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(living->path()));
  CHECK(fs::exists(next->path()));
}
