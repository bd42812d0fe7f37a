// What can be checked from here about this machine, the configuration and the daemon. Each check stands alone: one that
// cannot be made is skipped, and says why.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace konekwa::cli {

inline constexpr const char* kFine = "ok";
inline constexpr const char* kWarning = "warning";
inline constexpr const char* kFailed = "failed";
inline constexpr const char* kSkipped = "skipped";

struct Finding {
  std::string check;     // "clock"
  std::string result;    // one of the four above
  std::string details;   // what was seen, and what to do
};

std::vector<Finding> diagnose(Context& context);

}  // namespace konekwa::cli
