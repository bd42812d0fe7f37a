// Work that is done beside the screen: a request whose answer may be long in coming, while codes die in time and keys
// are obeyed. One at a time, on a thread of its own; nobody else uses the client until it is done.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "common/api/client.h"

namespace konekwa::cli {

class Beside {
 public:
  explicit Beside(api::ApiClient& client);
  ~Beside();                                  // as stop()
  Beside(const Beside&) = delete;

  void begin(std::function<void()> work);     // on its own thread; signals stay with this one
  bool is_done() const { return is_done_; }   // or there is nothing to do
  int descriptor() const { return descriptor_; }   // readable from then on; -1 when the system has none left
  void finish();                              // waits for it, as must be before its results are used
  void stop();                                // the same, and no longer than it takes to break the request off

 private:
  void run(const std::function<void()>& work);

  api::ApiClient& client_;
  int descriptor_;
  std::atomic<bool> is_done_ = true;
  std::thread thread_;
};

}  // namespace konekwa::cli
