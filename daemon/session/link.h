// What the parts of one live connection share. Owned by Online; gone when the connection ends.
#pragma once

#include <functional>
#include <string>

#include "common/alive.h"
#include "daemon/session/committer.h"
#include "daemon/session/device.h"
#include "daemon/session/environment.h"
#include "daemon/session/iq_client.h"
#include "daemon/wa/node.h"

namespace konekwa::session {

// Of the session, as its owner has set them; they may change while it is connected.
struct Switches {
  bool auto_read = false, auto_typing = false;
};

struct Link {
  const std::string session;                       // id
  const Environment& env;
  Committer& commits;
  Device& device;
  IqClient& iq;
  const Switches& switches;
  std::function<void(const wa::Node&)> send;
  std::function<void(Error)> cut;                  // ends the connection; a reconnect follows

  Time now() const { return env.loop.now(); }

  // Commits what the device changed together with `batch`, then runs `then` if the connection is still there.
  void commit(store::WriteBatch batch, Task then = {}) const {
    device.take_changes(batch, now());
    commits.commit(std::move(batch), then ? Task(alive.guard(std::move(then))) : Task());
  }

  Alive alive;
};

}  // namespace konekwa::session
