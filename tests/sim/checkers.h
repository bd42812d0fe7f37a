// What must hold at the end of every simulated history, whatever the workload and the faults were. Each checker looks
// at the world from outside (phones, receiver, disk) and says what is wrong.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace konekwa::sim {

struct Checker {
  const char* name;
  std::vector<std::string> (*find)(World& world);
};

// In the order in which they are told.
const std::vector<Checker>& checkers();

// "name: what", of every checker; empty when the history is sound.
std::vector<std::string> check(World& world);

}  // namespace konekwa::sim
