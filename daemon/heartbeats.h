// Do the threads that everything depends on still take work? Each is asked now and then, and has to answer by itself:
// a thread that hangs cannot, while the process around it looks alive.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/loop.h"

namespace konekwa {

class Heartbeats {
 public:
  // Has the thread call `answer`, soon; does not wait for that. A late answer counts too: it shows work.
  using Ask = std::function<void(Task answer)>;
  void watch(std::string thread, Ask ask);

  // True when every thread has answered since this was true the last time, or since the first call, which is false.
  // Asks all of them once more. One thread calls this.
  bool beat();
  std::string silent() const;   // who has not answered, for people: "net, db-writer"

 private:
  struct Watched {
    std::string thread;
    Ask ask;
    std::shared_ptr<std::atomic<bool>> has_answered;   // shared with answers under way
  };
  std::vector<Watched> watched_;
};

}  // namespace konekwa
