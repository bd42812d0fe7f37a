#include "common/journal.h"

#include <cstdlib>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace konekwa::log {

bool is_journal(const char* journal_stream, int descriptor) {
  struct stat info{};
  if (journal_stream == nullptr || ::fstat(descriptor, &info) != 0) return false;
  return fmt::format("{}:{}", info.st_dev, info.st_ino) == journal_stream;
}

bool stderr_is_journal() {
  static const bool is = is_journal(std::getenv("JOURNAL_STREAM"), STDERR_FILENO);
  return is;
}

}  // namespace konekwa::log
