#include "daemon/media_probe/probe_runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>   // glibc 2.36 forgot to say so itself
}

#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>

#include "common/signals.h"
#include "daemon/media_probe/limits.h"

namespace konekwa::media_probe {
namespace {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  int number() const { return number_; }   // poll() passes over -1
  bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

tl::unexpected<Error> system_failure(const std::string& what, int error_number) {
  return fail(ErrorCode::INTERNAL_ERROR, what + ": " + std::strerror(error_number));
}

Result<Descriptor> open_media(const std::string& path) {
  // Without O_NONBLOCK a named pipe would hold up the thread.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) return system_failure("the media file cannot be opened", errno);
  struct stat about {};
  if (::fstat(file.number(), &about) != 0 || !S_ISREG(about.st_mode)) {
    return fail(ErrorCode::INTERNAL_ERROR, "the media file is not a regular file");
  }
  return file;
}

// What a spawned process is given: the file, a pipe, nowhere for complaints, no environment, a process group of its
// own so that all it may have forked can be killed, and the signals as a process expects them.
class SpawnPlan {
 public:
  SpawnPlan(int input, int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  Result<pid_t> run(const std::string& program) const {
    std::string name = program;
    char* const arguments[] = {name.data(), nullptr};
    char* const environment[] = {nullptr};
    pid_t process = 0;
    const int problem = ::posix_spawn(&process, program.c_str(), &actions_, &attributes_, arguments, environment);
    if (problem != 0) return system_failure(program + " cannot be started", problem);
    return process;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "the media probe was ended by signal " + std::to_string(WTERMSIG(status));
  return "the media probe ended with status " + std::to_string(WEXITSTATUS(status));
}

// One running process. Its number stays ours, and its group's, until it is reaped.
class Probe {
 public:
  static Result<Probe> start(std::uint64_t id, const std::string& program, const std::string& path) {
    auto file = open_media(path);
    if (!file) return fail(file.error());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_failure("no pipe", errno);
    Descriptor output(ends[0]);
    const Descriptor input(ends[1]);
    ::fcntl(output.number(), F_SETFL, O_NONBLOCK);
    const auto process = SpawnPlan(file->number(), input.number()).run(program);
    if (!process) return fail(process.error());
    Probe probe(id, *process, std::move(output));
    if (!probe.end_.is_open()) return system_failure("no descriptor of a process", errno);
    return probe;
  }

  Probe(Probe&& other) noexcept
      : id(other.id), process_(std::exchange(other.process_, 0)), output_(std::move(other.output_)),
        end_(std::move(other.end_)), text_(std::move(other.text_)), is_too_long_(other.is_too_long_) {}
  Probe& operator=(Probe&&) = delete;
  ~Probe() {
    if (process_ != 0) reap();
  }

  std::uint64_t id;

  pollfd output_poll() const { return {output_.number(), POLLIN, 0}; }
  pollfd end_poll() const { return {end_.number(), POLLIN, 0}; }

  void kill() const { ::kill(-process_, SIGKILL); }

  // Takes what is there. More than an answer may have is not worth waiting for.
  void read() {
    char buffer[16 * 1024];
    while (output_.is_open()) {
      const ssize_t count = ::read(output_.number(), buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) return output_.close();
      text_.append(buffer, static_cast<std::size_t>(count));
      if (text_.size() <= kAnswerOctetsMax) continue;
      is_too_long_ = true;
      output_.close();
      kill();
    }
  }

  // After end_poll() was ready.
  Result<std::string> result() {
    read();
    const int status = reap();
    if (is_too_long_) return fail(ErrorCode::PROTOCOL, "the media probe's answer is too long");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return fail(ErrorCode::PROTOCOL, how_it_ended(status));
    return std::move(text_);
  }

 private:
  Probe(std::uint64_t number, pid_t process, Descriptor output)
      : id(number), process_(process), output_(std::move(output)), end_(::pidfd_open(process, 0)) {}

  // What it forked goes with it: first killed, while the group's number cannot be anybody else's.
  int reap() {
    kill();
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
    return status;
  }

  pid_t process_;
  Descriptor output_;
  Descriptor end_;   // a pidfd: readable when the process has ended
  std::string text_;
  bool is_too_long_ = false;
};

}  // namespace

class ProbeRunner::Impl {
 public:
  Impl(std::string program, Finished finished)
      : program_(std::move(program)), finished_(std::move(finished)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    KONEKWA_ASSERT(wake_.is_open());
    thread_ = std::thread([this] { serve(); });
  }

  ~Impl() {
    tell([this] { is_stopping_ = true; });
    thread_.join();
  }

  void start(std::uint64_t id, std::string path) {
    tell([&] { starts_.emplace_back(id, std::move(path)); });
  }
  void kill(std::uint64_t id) {
    tell([&] { kills_.push_back(id); });
  }

 private:
  template <class Change>
  void tell(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.number(), &one, sizeof one);
  }

  void serve() {
    block_signals();
    while (obey()) {
      wait();
      for (Probe& probe : probes_) probe.read();
      settle();
    }
    probes_.clear();
  }

  // False when it is time to stop.
  bool obey() {
    std::vector<std::pair<std::uint64_t, std::string>> starts;
    std::vector<std::uint64_t> kills;
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return false;
      starts.swap(starts_);
      kills.swap(kills_);
    }
    for (const auto& [id, path] : starts) {
      auto probe = Probe::start(id, program_, path);
      if (probe) probes_.push_back(std::move(*probe));
      else finished_(id, fail(probe.error()));
    }
    for (const Probe& probe : probes_) {
      if (std::find(kills.begin(), kills.end(), probe.id) != kills.end()) probe.kill();
    }
    return true;
  }

  void wait() {
    std::vector<pollfd> waited{{wake_.number(), POLLIN, 0}};
    for (const Probe& probe : probes_) {
      waited.push_back(probe.output_poll());
      waited.push_back(probe.end_poll());
    }
    ::poll(waited.data(), waited.size(), -1);
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto count = ::read(wake_.number(), &ignored, sizeof ignored);
  }

  void settle() {
    for (auto probe = probes_.begin(); probe != probes_.end();) {
      pollfd end = probe->end_poll();
      if (::poll(&end, 1, 0) != 1) {
        ++probe;
        continue;
      }
      finished_(probe->id, probe->result());
      probe = probes_.erase(probe);
    }
  }

  const std::string program_;
  const Finished finished_;
  const Descriptor wake_;
  std::mutex mutex_;
  std::vector<std::pair<std::uint64_t, std::string>> starts_;
  std::vector<std::uint64_t> kills_;
  bool is_stopping_ = false;
  std::list<Probe> probes_;   // the thread's own
  std::thread thread_;
};

ProbeRunner::ProbeRunner(std::string program, Finished finished)
    : impl_(std::make_unique<Impl>(std::move(program), std::move(finished))) {}
ProbeRunner::~ProbeRunner() = default;
void ProbeRunner::start(std::uint64_t id, std::string path) { impl_->start(id, std::move(path)); }
void ProbeRunner::kill(std::uint64_t id) { impl_->kill(id); }

}  // namespace konekwa::media_probe
