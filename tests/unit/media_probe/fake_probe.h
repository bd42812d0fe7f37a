// A shell script in the place of konekwa-media-probe, and a named pipe ($pipe in the script) through which it tells the
// test that it runs and, by the pipe's end, that nothing of it runs any more.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace konekwa::media_probe::test {

class FakeProbe {
 public:
  explicit FakeProbe(const std::string& script) {
    REQUIRE(::mkfifo(pipe_path().c_str(), 0600) == 0);
    pipe_ = ::open(pipe_path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    held_open_ = ::open(pipe_path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE((pipe_ >= 0 && held_open_ >= 0));
    std::ofstream(program()) << "#!/bin/sh\npipe=" << pipe_path() << "\n" << script << "\n";
    REQUIRE(::chmod(program().c_str(), 0700) == 0);
    std::ofstream(media()) << "media\n";
  }
  ~FakeProbe() {
    ::close(pipe_);
    if (held_open_ >= 0) ::close(held_open_);
  }
  FakeProbe(const FakeProbe&) = delete;
  FakeProbe& operator=(const FakeProbe&) = delete;

  std::string program() const { return dir_.file("probe"); }
  std::string media() const { return dir_.file("media"); }
  std::string pipe_path() const { return dir_.file("pipe"); }

  // Has written this many octets to the pipe.
  bool has_started(std::size_t octets = 1) {
    while (octets > 0) {
      char octet = 0;
      if (!is_ready(POLLIN) || ::read(pipe_, &octet, 1) != 1) return false;
      --octets;
    }
    return true;
  }
  // Nobody has the pipe open any more. The last question.
  bool has_gone() {
    ::close(std::exchange(held_open_, -1));
    return is_ready(POLLHUP);
  }

 private:
  static constexpr int kLimitMs = 30'000;

  bool is_ready(short what) const {
    pollfd waited{pipe_, static_cast<short>(what & POLLIN), 0};
    return ::poll(&waited, 1, kLimitMs) == 1 && (waited.revents & what) != 0;
  }

  konekwa::test::TempDir dir_;
  int pipe_ = -1;
  int held_open_ = -1;   // else the pipe would seem to have ended between one probe and the next
};

// Opens the pipe, says so, and stays.
inline const std::string kHangs = "exec 3>$pipe; echo -n x >&3; exec /bin/sleep 1000";

}  // namespace konekwa::media_probe::test
