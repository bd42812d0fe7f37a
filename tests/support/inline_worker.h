// Does blocking work at once, and says so on the loop, like the real one.
#pragma once

#include "common/worker.h"

namespace konekwa::test {

class InlineWorker final : public Worker {
 public:
  explicit InlineWorker(Loop& loop) : loop_(loop) {}
  void run(Task work, Task then) override {
    work();
    loop_.post(std::move(then));
  }

 private:
  Loop& loop_;
};

}  // namespace konekwa::test
