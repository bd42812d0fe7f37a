// Files between a client and the media folder, piece by piece. Each step is work for the Worker: nothing here blocks.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/error.h"
#include "common/sha256.h"
#include "common/worker.h"
#include "daemon/gateway.h"
#include "daemon/store/media_files.h"

namespace konekwa {

// What all uploads share.
struct UploadLimits {
  std::uint64_t quota_bytes = 0;                   // of the media folder and what is under way; 0: none
  std::atomic<std::uint64_t> under_way_bytes{0};
};

// Writes a temporary file and hashes it. One call at a time.
class FileTaker : public std::enable_shared_from_this<FileTaker> {
 public:
  FileTaker(Worker& worker, store::MediaFiles& files, UploadLimits& limits);
  ~FileTaker();                                    // what was not adopted is removed

  void write(std::string piece, std::function<void(bool goes_on)> done);
  struct Taken {
    Bytes sha256;
    std::uint64_t size = 0;
  };
  // STORAGE_FULL or STORAGE_UNAVAILABLE, also for what a write found; INVALID_REQUEST when nothing was written.
  void adopt(std::function<void(Result<Taken>)> done);

 private:
  Result<> take(const std::string& piece);
  Result<> make_room(std::size_t more);
  Result<> open();

  Worker& worker_;
  store::MediaFiles& files_;
  UploadLimits& limits_;
  std::string path_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  Sha256 hash_;
  std::optional<Error> error_;
};

// Reads an open file; takes the descriptor over.
std::shared_ptr<MediaReader> make_media_reader(Worker& worker, int file);

}  // namespace konekwa
