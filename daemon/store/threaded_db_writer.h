// The DbWriter of the daemon: one thread that owns the only read-write connection. Each round takes what waits, up to
// a limit, and makes it durable with one fsync (group commit), so a thousand waiting requests cost one disk write.
//
// States: Open, then Refusing while the disk is full or read-only (probed, resumes by itself), or Broken for ever.
// Refusals may come on the thread that called commit, before commit returns; everything else on the writer's thread.
#pragma once

#include <functional>
#include <memory>

#include "daemon/store/db_writer.h"

namespace konekwa::store {

struct WriterOptions {
  std::size_t queue_max = 10'000;          // batches that wait; more are refused with STORAGE_UNAVAILABLE
  std::size_t transaction_max = 1'000;     // batches a transaction
  Duration probe_interval = seconds(5);
};

class ThreadedDbWriter final : public DbWriter {
 public:
  // `db` is read-write and migrated. `on_fatal` is called once, on the writer's thread.
  ThreadedDbWriter(std::unique_ptr<Database> db, std::function<void(Error)> on_fatal, WriterOptions options = {});
  ~ThreadedDbWriter() override;   // completes what is queued

  void commit(WriteBatch batch, Done done) override;
  void listen(std::string topic, std::function<void()> told) override;
  bool is_healthy() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::store
