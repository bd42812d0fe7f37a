// Histories: what happens in a world between pairing and the end.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace konekwa::sim {

struct Outcome {
  std::vector<std::string> findings;   // empty: sound
  std::size_t sent = 0, received = 0;
  int crashes = 0;
  int commits = 0;
  Duration virtual_time{0};
};

// A conversation decided by the seed: texts both ways, bursts, phones that go offline and read, cut connections,
// crashes, clean restarts, a failing webhook receiver, and waits. Faults stop at the end, and everything must drain.
Outcome run_random_history(const WorldOptions& options);

// The same few messages every time, both ways; for a crash after each of its commits.
Outcome run_scripted_history(const WorldOptions& options);

// The same in a group, of which one member goes and comes back.
Outcome run_scripted_group_history(const WorldOptions& options);

}  // namespace konekwa::sim
