// The files of the simulated network, by key, in a temporary folder that is made at the first need and goes with the
// store. What they hold is not looked at. When they grow too large together, the oldest go first. Loop thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/bytes.h"
#include "common/error.h"
#include "daemon/sandbox/temporary_folder.h"

struct evp_md_ctx_st;

namespace konekwa::sandbox {

inline constexpr std::uint64_t kMediaBytesMax = 1u << 30;  // of all together
inline constexpr std::uint64_t kMediaFileBytesMax = 512u << 20;

class MediaStore {
 public:
  struct File {
    std::string path;
    std::uint64_t size = 0;
  };
  explicit MediaStore(std::uint64_t bytes_max = kMediaBytesMax);
  MediaStore(const MediaStore&) = delete;

  Result<std::string> new_path();                // of a file that is not there yet, in the folder. STORAGE_UNAVAILABLE
  // The file is the store's from here on. One that was there by that key is replaced.
  void put(const std::string& key, const std::string& path);
  const File* find(const std::string& key) const;
  std::vector<std::string> keys_with(std::string_view prefix) const;
  bool erase(const std::string& key);
  void discard(const std::string& path);         // one of new_path() that was not put

 private:
  const std::uint64_t bytes_max_;
  std::optional<TemporaryFolder> folder_;        // when it is needed
  std::uint64_t next_name_ = 1;
  std::map<std::string, File> files_;
  std::deque<std::string> order_;
  std::uint64_t size_ = 0;
};

// A file as it comes in: written and hashed in pieces.
class IncomingFile {
 public:
  explicit IncomingFile(std::string path);       // made anew; a failure shows in is_good()
  ~IncomingFile();                               // removes the file unless it was released
  IncomingFile(const IncomingFile&) = delete;

  void write(ByteView piece);
  bool is_good() const;
  struct Finished {
    std::string path;
    std::uint64_t size = 0;
    Bytes sha256;
  };
  Finished release();                            // the caller's from here on

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::string path_;
  int descriptor_ = -1;
  bool is_good_ = false;
  std::uint64_t size_ = 0;
  std::unique_ptr<evp_md_ctx_st, Free> hash_;
};

}  // namespace konekwa::sandbox
