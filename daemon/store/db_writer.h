// The only road to durability. Batches are queued; one thread takes what waits, runs it as one transaction with a
// savepoint a batch, commits (fsync), and completes each. A batch whose operation fails is rolled back alone.
//
// Full or read-only disk: everything is refused with STORAGE_UNAVAILABLE, a probe every 5 s, resume by itself.
// I/O error or corruption: on_fatal is called; nobody knows what is on the disk, the daemon must restart.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/error.h"
#include "daemon/store/database.h"

namespace konekwa::store {

// What becomes durable together. Built by whoever decides, from the functions of the table files; run by DbWriter.
class WriteBatch {
 public:
  using Operation = std::function<Result<>(Database&)>;
  void add(Operation operation) { operations_.push_back(std::move(operation)); }
  // For operations that cannot fail but by the database.
  void run(std::function<void(Database&)> operation) {
    operations_.push_back([op = std::move(operation)](Database& db) -> Result<> {
      op(db);
      return {};
    });
  }
  bool empty() const { return operations_.empty(); }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  std::vector<Operation> operations_;
};

class DbWriter {
 public:
  using Done = std::function<void(Result<>)>;
  virtual ~DbWriter() = default;

  // Any thread. `done` is called on the writer's thread once the batch is durable or has failed; a refusal may be
  // told on the caller's thread before commit returns. Either way it only posts. Batches become durable in the order
  // of the calls.
  virtual void commit(WriteBatch batch, Done done) = 0;

  // `told` is called on the writer's thread after each transaction in which a batch signalled `topic`.
  // At start only, before the first commit.
  virtual void listen(std::string topic, std::function<void()> told) = 0;

  virtual bool is_healthy() const = 0;  // any thread
};

}  // namespace konekwa::store
