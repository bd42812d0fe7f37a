// A folder for files that nobody needs when the process is gone. It goes with this object; what a process left behind
// that was killed goes when the next one makes a folder of the same kind. Any thread.
#pragma once

#include <string>

#include "common/error.h"

namespace konekwa::sandbox {

class TemporaryFolder {
 public:
  // In the system's folder for such (TMPDIR, /tmp), with a name that begins with `kind`. STORAGE_UNAVAILABLE.
  static Result<TemporaryFolder> make(const std::string& kind);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  TemporaryFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;   // held as long as the folder is in use: by that others know
};

}  // namespace konekwa::sandbox
