// Completion: `konekwa __complete -- words...` prints what the last word may become, one candidate a line, with a tab
// and a short description where there is one. The shells' own files in completions/ only call it. Ids come from the
// daemon, within kCompleteBudget; no daemon means no ids, and never an error.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "common/time.h"

namespace konekwa::cli {

inline constexpr Duration kCompleteBudget = milliseconds(300);

void complete(std::vector<std::string> words, std::ostream& out);

}  // namespace konekwa::cli
