#include "daemon/store/batch_runner.h"

#include "common/log.h"

namespace konekwa::store {
namespace {

Result<> run_operations(Database& db, const WriteBatch& batch) {
  for (const auto& operation : batch.operations()) {
    if (auto done = operation(db); !done) return done;
  }
  return {};
}

// Does this failure concern only the batch that met it? SQLite may have rolled back everything on its own.
bool is_of_batch(const Failure& failure, const Database& db) {
  const bool is_its_own = failure.kind == Failure::Kind::Constraint || failure.kind == Failure::Kind::Other;
  return is_its_own && db.in_transaction();
}

Error error_of(const Failure& failure) {
  if (failure.kind == Failure::Kind::Constraint) return Error(ErrorCode::CONFLICT, failure.what());
  return Error(ErrorCode::INTERNAL_ERROR, failure.what());
}

}  // namespace

std::vector<Result<>> BatchRunner::run(std::span<const WriteBatch> batches) {
  topics_.clear();
  failure_.reset();
  std::vector<Result<>> results;
  results.reserve(batches.size());
  try {
    db_.take_signals();
    db_.execute("BEGIN IMMEDIATE");
    for (const WriteBatch& batch : batches) results.push_back(run_in_savepoint(batch));
    db_.execute("COMMIT");
    return results;
  } catch (const Failure& failure) {
    return refuse_all(batches.size(), failure);
  }
}

Result<> BatchRunner::run_in_savepoint(const WriteBatch& batch) {
  db_.execute("SAVEPOINT batch");
  Result<> result;
  try {
    result = run_operations(db_, batch);
  } catch (const Failure& failure) {
    if (!is_of_batch(failure, db_)) throw;
    result = fail(error_of(failure));
  } catch (const std::exception& e) {
    result = fail(ErrorCode::INTERNAL_ERROR, e.what());
  }
  auto signals = db_.take_signals();
  if (result) {
    add_topics(std::move(signals));
  } else {
    db_.execute("ROLLBACK TO batch");
    const Error& error = result.error();
    if (error.code == ErrorCode::INTERNAL_ERROR) log::error("store", "a batch failed: {}", error.text());
  }
  db_.execute("RELEASE batch");
  return result;
}

void BatchRunner::add_topics(std::vector<std::string> signals) {
  for (std::string& topic : signals) {
    if (std::find(topics_.begin(), topics_.end(), topic) == topics_.end()) topics_.push_back(std::move(topic));
  }
}

std::vector<Result<>> BatchRunner::refuse_all(std::size_t count, const Failure& failure) {
  failure_ = failure;
  topics_.clear();
  db_.take_signals();
  try {
    if (db_.in_transaction()) db_.execute("ROLLBACK");
  } catch (const Failure& worse) {
    failure_ = Failure(Failure::Kind::Broken, std::string("cannot roll back: ") + worse.what());
  }
  return std::vector<Result<>>(count, fail(ErrorCode::STORAGE_UNAVAILABLE, failure_->what()));
}

}  // namespace konekwa::store
