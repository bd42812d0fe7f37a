// Work that blocks (files, hashing them) off the threads that must not. The real one is a thread; the simulation runs
// it inline.
#pragma once

#include <memory>

#include "common/loop.h"

namespace konekwa {

class Worker {
 public:
  virtual ~Worker() = default;
  // Any thread, the last before it is destroyed. Runs `work` elsewhere, then posts `then` to the loop. In order of
  // asking. What has not begun when the worker is destroyed never runs, and no `then` comes after that.
  virtual void run(Task work, Task then) = 0;
};

std::unique_ptr<Worker> make_worker_thread(Loop& loop);

}  // namespace konekwa
