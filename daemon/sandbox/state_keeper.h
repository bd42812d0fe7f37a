// Keeps the network's state in <state dir>/sandbox.json: written to a new file and renamed, shortly after a change.
#pragma once

#include <string>

#include "common/error.h"
#include "common/json.h"
#include "common/loop.h"

namespace konekwa::sandbox {

struct Network;

class StateKeeper {
 public:
  explicit StateKeeper(Network& network) : network_(network) {}

  void load();      // into a fresh network; a file that cannot be read is set aside, with an error in the log
  void touched();   // something changed
  void save();      // now

 private:
  std::string path() const;

  Network& network_;
  Timer pending_;
  Duration last_save_took_{};
};

}  // namespace konekwa::sandbox
