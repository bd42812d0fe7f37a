// Commits of one session: what has to be durable before something may leave. Keeps count of what is under way, and
// brings the continuation back to the loop.
//
// After one failed commit memory and disk disagree, so nothing more is accepted: the session is told once, drops what
// it holds in memory and begins again from the rows.
#pragma once

#include <functional>

#include "common/alive.h"
#include "common/loop.h"
#include "daemon/store/db_writer.h"

namespace konekwa::session {

class Committer {
 public:
  Committer(Loop& loop, store::DbWriter& writer, std::function<void(Error)> on_failure);

  // `then` runs on the loop once the batch is durable; never when it was refused. In order of the calls.
  void commit(store::WriteBatch batch, Task then = {});

  // Runs `then` after everything committed so far is durable; at once when nothing is under way.
  void after_all(Task then);

  int under_way() const { return under_way_; }
  bool has_failed() const { return failed_; }

 private:
  void finished(Result<> result, const Task& then);

  Loop& loop_;
  store::DbWriter& writer_;
  std::function<void(Error)> on_failure_;
  int under_way_ = 0;
  bool failed_ = false;
  Alive alive_;
};

}  // namespace konekwa::session
