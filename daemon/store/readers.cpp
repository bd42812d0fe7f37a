#include "daemon/store/store.h"

namespace konekwa::store {
namespace {

// More connections than threads that read at once would only cost memory.
constexpr std::size_t kIdleMax = 16;

// One snapshot for everything that a body reads: a count and its list agree.
void read_snapshot(Database& db, const std::function<void(Database&)>& body) {
  db.execute("BEGIN");
  try {
    body(db);
    db.execute("COMMIT");
  } catch (...) {
    if (db.in_transaction()) db.execute("ROLLBACK");
    throw;
  }
}

}  // namespace

Readers::Readers(std::string path_or_uri) : path_(std::move(path_or_uri)) {}
Readers::~Readers() = default;

Result<> Readers::read(const std::function<void(Database&)>& body) {
  try {
    std::unique_ptr<Database> db = borrow();
    read_snapshot(*db, body);
    give_back(std::move(db));   // after a failure the connection is closed instead
    return {};
  } catch (const Failure& failure) {
    return fail(ErrorCode::STORAGE_UNAVAILABLE, failure.what());
  }
}

std::unique_ptr<Database> Readers::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto db = std::move(idle_.back());
      idle_.pop_back();
      return db;
    }
  }
  return std::make_unique<Database>(path_, Database::Mode::ReadOnly);
}

void Readers::give_back(std::unique_ptr<Database> db) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(db));
}

}  // namespace konekwa::store
