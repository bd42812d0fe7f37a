// The folder DATA_DIR/media: plain files, each under the hash of its content, so that the same content is kept once.
//
//   media/tmp/...          being written; whatever is there at the start of the daemon is rubbish
//   media/ab/ab12...       whole and durable; who needs it says so in a row
//
// Rows and files are not changed in one step. A file is adopted before the row that names it is committed, and erased
// after the last such row has gone; what falls between is found by sweep().
// Any thread. Every function blocks for the disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "common/bytes.h"
#include "common/error.h"
#include "common/time.h"

namespace konekwa::store {

class MediaFiles {
 public:
  explicit MediaFiles(std::string data_dir);   // the folders are made when they are needed

  // A fresh name in media/tmp. Whoever makes the file (0600) removes it or has it adopted.
  std::string temporary_path();
  // Syncs the file and takes it over under the hash of its content. When that content is there already, the file is
  // removed, and the one that is there counts as of this moment. STORAGE_UNAVAILABLE: the file stays where it was.
  Result<> adopt(const std::string& temporary, ByteView sha256);

  std::string path_of(ByteView sha256) const;
  bool has(ByteView sha256) const;
  void erase(ByteView sha256);                 // nothing happens when it is not there
  std::uint64_t bytes_used() const;            // of whole files

  // Erases files that were adopted before `before`, by the clock of the file system, and that nobody uses.
  // `is_used` is called while no file is adopted: a row that it does not see cannot be about to come.
  std::uint64_t sweep(Time before, const std::function<bool(ByteView sha256)>& is_used);   // files erased
  void clear_temporary();                      // at start

 private:
  void make_folder(const std::string& path) const;
  std::vector<Bytes> adopted_before(Time before) const;
  std::uint64_t count_bytes() const;

  const std::string root_;
  mutable std::mutex mutex_;                   // so that nothing is erased while the same content is adopted
  mutable std::atomic<std::int64_t> bytes_used_{-1};   // -1: not counted yet
  std::atomic<std::uint64_t> made_{0};
};

}  // namespace konekwa::store
