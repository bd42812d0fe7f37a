// Runs write batches as one transaction with a savepoint a batch: what every DbWriter does, whichever thread it is on.
//
// A batch whose operation returns an error, or breaks a constraint, is rolled back alone and gets that error; its
// signals are forgotten. When the database itself refuses (full, broken), the whole transaction is rolled back and
// every batch gets STORAGE_UNAVAILABLE.
//
// Belongs to the thread of its Database, which must outlive it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/store/db_writer.h"

namespace konekwa::store {

class BatchRunner {
 public:
  explicit BatchRunner(Database& db) : db_(db) {}

  // One result a batch, in order. Successful ones are durable.
  std::vector<Result<>> run(std::span<const WriteBatch> batches);

  // Topics that successful batches of the last run signalled, each once.
  std::vector<std::string> take_topics() { return std::exchange(topics_, {}); }
  // Why the last run was rolled back as a whole; nothing when it was committed.
  const std::optional<Failure>& failure() const { return failure_; }

 private:
  Result<> run_in_savepoint(const WriteBatch& batch);
  void add_topics(std::vector<std::string> signals);
  std::vector<Result<>> refuse_all(std::size_t count, const Failure& failure);

  Database& db_;
  std::vector<std::string> topics_;
  std::optional<Failure> failure_;
};

}  // namespace konekwa::store
