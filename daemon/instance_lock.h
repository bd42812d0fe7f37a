// One daemon a data directory: two would use the same ratchets and break them. Held as long as the object lives; the
// kernel lets go of it when the process ends, however it ends.
#pragma once

#include <string>

#include "common/error.h"

namespace konekwa {

class InstanceLock {
 public:
  // Makes the directory with mode 0700 when it is missing. INVALID_REQUEST when it is open to others, or cannot be
  // used; STORAGE_UNAVAILABLE when its disk takes no writes; CONFLICT when another daemon has it.
  static Result<InstanceLock> acquire(const std::string& data_dir);

  InstanceLock(InstanceLock&& other) noexcept;
  InstanceLock& operator=(InstanceLock&&) = delete;
  ~InstanceLock();

 private:
  explicit InstanceLock(int file) : file_(file) {}
  int file_;
};

}  // namespace konekwa
