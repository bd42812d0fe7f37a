#include "daemon/restore.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/file_stream.h"
#include "daemon/instance_lock.h"
#include "daemon/store/backup.h"

namespace konekwa {
namespace {

Result<std::size_t> read_stdin(std::span<std::uint8_t> out) {
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t n = ::read(STDIN_FILENO, out.data() + got, out.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string("cannot read stdin: ") + std::strerror(errno));
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

Result<store::Restored> restore_from(const CommandLine& asked, const store::ReadArchive& read) {
  return store::restore_backup(read, asked.settings.data_dir, asked.is_original_gone);
}

Result<store::Restored> restore_file(const CommandLine& asked) {
  if (asked.restore == "-") return restore_from(asked, read_stdin);
  auto file = InputFile::open(asked.restore);
  if (!file) return fail(Error(ErrorCode::INVALID_REQUEST, "--restore", file.error().details));
  return restore_from(asked, [&](std::span<std::uint8_t> out) { return file->read(out); });
}

std::string summary(const CommandLine& asked, const store::Restored& done) {
  std::string out = fmt::format("restored the backup of {} into {}\n"
                                "linked sessions: {}, files: {}, messages that wait: {}\n",
                                done.made_at, asked.settings.data_dir, done.sessions, done.media,
                                done.messages_waiting);
  if (done.held == 0) return out;
  return out + fmt::format(
                   "held back (RESTORED): {}; once the original runs no more: konekwa sessions connect SESSION\n"
                   "a device that runs twice loses messages\n",
                   done.held);
}

}  // namespace

Result<std::string> restore(const CommandLine& command_line) {
  auto lock = InstanceLock::acquire(command_line.settings.data_dir);
  if (!lock) return fail(lock.error());
  const auto done = restore_file(command_line);
  if (!done) return fail(done.error());
  return summary(command_line, *done);
}

}  // namespace konekwa
