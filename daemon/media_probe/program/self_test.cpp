#include "daemon/media_probe/program/self_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <thread>

namespace konekwa::media_probe {
namespace {

constexpr std::size_t kTooMuch = std::size_t{600} << 20;

bool map(int protection) {
  return ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

bool make_executable() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED && ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

bool execute() {
  char name[] = "/bin/true";
  char* const arguments[] = {name, nullptr};
  return ::execve(name, arguments, nullptr) == 0;
}

bool start_thread() {
  std::thread([] {}).join();
  return true;
}

struct Attempt {
  std::string_view what;
  bool (*try_it)();   // did it succeed?
};

constexpr Attempt kAttempts[] = {
    {"open", [] { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0; }},
    {"create", [] { return ::open("/tmp/konekwa-media-probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0; }},
    {"socket", [] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0; }},
    {"fork", [] { return ::fork() >= 0; }},
    {"thread", start_thread},
    {"exec", execute},
    {"write", [] { return ::write(STDIN_FILENO, "x", 1) == 1; }},
    {"kill", [] { return ::kill(::getppid(), 0) == 0; }},
    {"unlink", [] { return ::unlink("/tmp/konekwa-media-probe") == 0; }},
    {"map-executable", [] { return map(PROT_READ | PROT_WRITE | PROT_EXEC); }},
    {"make-executable", make_executable},
    {"memory", [] {
       return ::mmap(nullptr, kTooMuch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
     }},
    {"nothing", [] { return map(PROT_READ | PROT_WRITE); }},
};

}  // namespace

bool is_refused(std::string_view what) {
  const auto attempt = std::find_if(std::begin(kAttempts), std::end(kAttempts),
                                    [&](const Attempt& known) { return known.what == what; });
  return attempt != std::end(kAttempts) && !attempt->try_it();
}

}  // namespace konekwa::media_probe
