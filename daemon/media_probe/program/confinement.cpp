#include "daemon/media_probe/program/confinement.h"

#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace konekwa::media_probe {
namespace {

constexpr rlim_t kMemoryOctets = rlim_t{512} << 20;   // beyond what the loaded libraries take
constexpr rlim_t kCpuSeconds = 10;
constexpr int kNiceness = 10;                         // messages go first

std::string failure(const std::string& what, int error_number) { return what + ": " + std::strerror(error_number); }

// Of the whole address space, libraries included.
rlim_t octets_in_use() {
  std::ifstream file("/proc/self/statm");
  rlim_t pages = 0;
  file >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

std::string limit_resources() {
  const rlim_t in_use = octets_in_use();
  if (in_use == 0) return "it cannot be said how much memory is in use";
  const struct {
    decltype(RLIMIT_AS) resource;   // an enum in C++, whose name is glibc's
    rlim_t soft, hard;
  } limits[] = {
      {RLIMIT_AS, in_use + kMemoryOctets, in_use + kMemoryOctets},
      {RLIMIT_CPU, kCpuSeconds, kCpuSeconds},
      {RLIMIT_FSIZE, 0, 0},
      {RLIMIT_NOFILE, 0, 0},
      {RLIMIT_NPROC, 0, 0},
      {RLIMIT_CORE, 0, 0},
  };
  for (const auto& [resource, soft, hard] : limits) {
    const rlimit limit{soft, hard};
    if (::setrlimit(resource, &limit) != 0) return failure("setrlimit", errno);
  }
  return "";
}

struct Rule {
  int call;
  std::vector<scmp_arg_cmp> conditions;
};

constexpr scmp_datum_t kExecutable = PROT_EXEC;
constexpr scmp_datum_t kAnonymous = MAP_ANONYMOUS;

// What is not here ends the process.
std::vector<Rule> allowed_calls() {
  return {
      {SCMP_SYS(read), {SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO)}},
      {SCMP_SYS(lseek), {SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO)}},
      {SCMP_SYS(write), {SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO)}},
      {SCMP_SYS(mmap), {SCMP_A2(SCMP_CMP_MASKED_EQ, kExecutable, 0),
                        SCMP_A3(SCMP_CMP_MASKED_EQ, kAnonymous, kAnonymous)}},
      {SCMP_SYS(mprotect), {SCMP_A2(SCMP_CMP_MASKED_EQ, kExecutable, 0)}},
      {SCMP_SYS(munmap), {}},
      {SCMP_SYS(mremap), {}},
      {SCMP_SYS(madvise), {}},
      {SCMP_SYS(brk), {}},
      {SCMP_SYS(futex), {}},
      {SCMP_SYS(clock_gettime), {}},
      {SCMP_SYS(rt_sigreturn), {}},
      {SCMP_SYS(exit), {}},
      {SCMP_SYS(exit_group), {}},
  };
}

// What libraries ask and can do without.
std::vector<Rule> refused_calls() {
  return {
      {SCMP_SYS(sched_getaffinity), {}},
      {SCMP_SYS(sched_yield), {}},
      {SCMP_SYS(getrandom), {}},
      {SCMP_SYS(ioctl), {SCMP_A1(SCMP_CMP_EQ, 0x5401)}},   // TCGETS: is it a terminal?
  };
}

int add_rules(scmp_filter_ctx filter, std::uint32_t action, const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) {
    const int problem = ::seccomp_rule_add_array(filter, action, rule.call,
                                                 static_cast<unsigned>(rule.conditions.size()), rule.conditions.data());
    if (problem != 0) return problem;
  }
  return 0;
}

std::string filter_calls() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(::seccomp_init(SCMP_ACT_KILL_PROCESS),
                                                                 &seccomp_release);
  if (!filter) return "no seccomp filter";
  int problem = add_rules(filter.get(), SCMP_ACT_ALLOW, allowed_calls());
  if (problem == 0) problem = add_rules(filter.get(), SCMP_ACT_ERRNO(ENOSYS), refused_calls());
  if (problem == 0) problem = ::seccomp_load(filter.get());
  return problem == 0 ? "" : failure("seccomp", -problem);
}

}  // namespace

std::string confine() {
  ::tzset();   // else the first date in a file has it read the time zone from the disk
  ::setpriority(PRIO_PROCESS, 0, kNiceness);
  // konekwad gone, nobody waits for the answer.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0) return failure("prctl", errno);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failure("no_new_privs", errno);
  if (auto problem = limit_resources(); !problem.empty()) return problem;
  if (::close_range(STDERR_FILENO + 1, ~0U, 0) != 0) return failure("close_range", errno);
  return filter_calls();
}

}  // namespace konekwa::media_probe
