// The one seam for time and for turns: production code asks a Loop what time it is, to run something later and to
// run something on its thread. The real one is wa::io::AsioLoop; the simulation has one with a virtual clock, so the
// same code runs there deterministically.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/time.h"

namespace konekwa {

using Task = std::function<void()>;

// A pending call. Destroying or resetting it cancels the call. Owned by whoever waits; loop thread only.
class Timer {
 public:
  Timer() = default;
  // `alive` is shared with the loop; the loop runs the task only while *alive is true.
  explicit Timer(std::shared_ptr<bool> alive) : alive_(std::move(alive)) {}
  Timer(Timer&& other) noexcept = default;
  Timer& operator=(Timer&& other) noexcept {
    reset();
    alive_ = std::move(other.alive_);
    return *this;
  }
  ~Timer() { reset(); }
  void reset() {
    if (alive_) *alive_ = false;
    alive_.reset();
  }
  bool is_pending() const { return alive_ && *alive_; }

 private:
  std::shared_ptr<bool> alive_;
};

class Loop {
 public:
  virtual ~Loop() = default;
  virtual Time now() const = 0;                                       // any thread
  virtual void post(Task task) = 0;                                   // any thread; runs later, in order of posting
  [[nodiscard]] virtual Timer after(Duration delay, Task task) = 0;   // loop thread only
  virtual bool is_current() const = 0;                                // are we on the loop's thread?
};

}  // namespace konekwa
