// Backups: everything that has to last, as one tar archive, taken while the daemon runs; and what makes a data
// directory of one again.
//
//   konekwa-backup.json   what it is, and of when
//   konekwa.db            the database as it was at one moment
//   SHA256SUMS            of these two
//   media/ab/ab12...      each file under the hash of its content
//
// An archive holds the keys of every session. A device that runs twice, or goes on from an old copy of its ratchets,
// leaves messages that nobody can decrypt; restore_backup() guards against both.
// Any thread, one call at a time. Every function blocks for the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/file_stream.h"
#include "common/time.h"

namespace konekwa::store {

class Backup {
 public:
  // Copies the database to DATA_DIR/backup.tmp, and names the media files there once more, so that nothing changes
  // while it is read. STORAGE_FULL when there is no room for the copy. `has_media`: false leaves the files out.
  static Result<std::unique_ptr<Backup>> take(const std::string& data_dir, bool has_media, Time now);
  ~Backup();   // what is in DATA_DIR/backup.tmp goes

  std::uint64_t size() const { return size_; }   // of the archive, in octets
  // The next octets of the archive; "" at its end.
  Result<std::string> read();

 private:
  struct Part {
    std::string name, path;      // in the archive, and on the disk
    std::string text;            // instead of a file
    std::uint64_t size = 0;
  };
  Backup(std::string folder, Time now) : folder_(std::move(folder)), now_(now) {}
  Result<> copy_database(const std::string& data_dir);
  Result<> name_media(const std::string& data_dir);
  Result<> plan();
  Result<std::string> begin_part();

  const std::string folder_;
  const Time now_;
  std::vector<Part> parts_;
  std::uint64_t size_ = 0;
  std::size_t at_ = 0;               // the part that is read
  std::unique_ptr<InputFile> file_;  // null between two parts
  std::uint64_t left_ = 0;           // octets of it
  bool is_over_ = false;
};

struct Restored {
  std::string made_at, made_by;      // of the backup: RFC 3339, and the program's version
  std::int64_t sessions = 0;         // linked ones
  std::int64_t held = 0;             // of them, those that wait for a person to connect them
  std::int64_t messages_waiting = 0;
  std::uint64_t media = 0;           // files
};

// Makes `data_dir`, which nobody may have opened, of the archive that `read` gives: as much as fits, nothing past its
// end. Ratchets are left out, so that every chat begins a new one, and linked sessions are DISCONNECTED with the reason
// RESTORED until somebody connects them, unless `is_original_gone`. CONFLICT when there is a database already.
// INVALID_REQUEST when the archive is none, is damaged or cut off, or is of a newer version. Then nothing is left.
using ReadArchive = std::function<Result<std::size_t>(std::span<std::uint8_t> out)>;
Result<Restored> restore_backup(const ReadArchive& read, const std::string& data_dir, bool is_original_gone);

}  // namespace konekwa::store
