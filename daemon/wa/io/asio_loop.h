// The real Loop: Boost.Asio on one thread. Asio itself stays behind context(), for the transports of this process.
#pragma once

#include <memory>

#include "common/loop.h"

namespace boost::asio {
class io_context;
}

namespace konekwa::wa::io {

class AsioLoop final : public Loop {
 public:
  AsioLoop();
  ~AsioLoop() override;

  void run();     // on the thread that becomes the loop's; returns after stop()
  void stop();    // any thread; what is posted and not run is dropped

  Time now() const override;
  void post(Task task) override;
  Timer after(Duration delay, Task task) override;
  bool is_current() const override;
  boost::asio::io_context& context();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::wa::io
