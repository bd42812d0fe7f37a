// DbWriter on the simulated thread: a commit takes a little virtual time, and a crash in between loses it. The k-th
// commit can be the last thing that the process does: it is durable, and nobody hears of it.
//
// Lies are the planted bugs: the writer says "durable" before it is, for those batches that the lie is about, which is
// what a part that does not wait for its commit would amount to.
#pragma once

#include <deque>
#include <functional>

#include "common/loop.h"
#include "common/random.h"
#include "daemon/store/batch_runner.h"

namespace konekwa::sim {

enum class Bug { None, AckBeforeCommit, SendBeforeCommit, FreshIdOnResend };

class SimDbWriter final : public store::DbWriter {
 public:
  struct Options {
    Bug bug = Bug::None;
    bool commits_singly = false;           // one batch a transaction, so that each can be the last
    std::function<bool()> on_commit;       // after each transaction; true: the process dies here
    std::function<void()> die;
  };
  SimDbWriter(Loop& loop, Random& random, store::Database& disk, Options options);

  void commit(store::WriteBatch batch, Done done) override;
  void listen(std::string topic, std::function<void()> told) override;
  bool is_healthy() const override { return true; }

 private:
  struct Waiting {
    store::WriteBatch batch;
    Done done;
  };
  void schedule();
  void flush();
  bool is_lied_about(const store::WriteBatch& batch);

  Loop& loop_;
  Random& random_;
  store::Database& disk_;
  store::BatchRunner runner_;
  Options options_;
  std::deque<Waiting> waiting_;
  std::vector<std::pair<std::string, std::function<void()>>> listeners_;
  Timer flush_;
};

}  // namespace konekwa::sim
