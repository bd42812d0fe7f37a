// What time does to messages that wait, of every session: scheduled ones join the outbox when their time has come, and
// what could not be sent before it expires is EXPIRED, also while its session is offline.
//
// On the loop's thread; owned by the registry.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/session/environment.h"

namespace konekwa::session {

class Schedule {
 public:
  // `released` is told each session whose outbox has got something.
  Schedule(const Environment& env, std::function<void(const std::string& session)> released);
  ~Schedule();

  void start();
  void look_again();   // something new may fall due
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace konekwa::session
