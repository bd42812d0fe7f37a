// The loop as one run of the daemon sees it: a view of the world's loop that goes dead with the process. A crash drops
// every task the process had posted or was waiting for, as a killed process runs nothing more.
#pragma once

#include "common/alive.h"
#include "common/loop.h"

namespace konekwa::sim {

class ProcessLoop final : public Loop {
 public:
  explicit ProcessLoop(Loop& world) : world_(world) {}
  void kill() { alive_.renew(); is_dead_ = true; }
  bool is_dead() const { return is_dead_; }

  Time now() const override { return world_.now(); }
  void post(Task task) override {
    if (!is_dead_) world_.post(alive_.guard(std::move(task)));
  }
  [[nodiscard]] Timer after(Duration delay, Task task) override {
    return is_dead_ ? Timer() : world_.after(delay, alive_.guard(std::move(task)));
  }
  bool is_current() const override { return true; }

 private:
  Loop& world_;
  Alive alive_;
  bool is_dead_ = false;
};

}  // namespace konekwa::sim
