// Notices a dead connection: a ping every 20 to 30 seconds, and the end of the connection when it is not answered.
// Also the moment when the session's memory is trimmed.
#pragma once

#include "daemon/session/link.h"

namespace konekwa::session {

class Keepalive {
 public:
  explicit Keepalive(const Link& link) : link_(link) {}
  void start();

 private:
  void ping();

  const Link& link_;
  Timer timer_;
};

}  // namespace konekwa::session
