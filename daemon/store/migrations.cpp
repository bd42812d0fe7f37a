#include "daemon/store/migrations.h"

#include "common/log.h"
#include "daemon/store/store.h"

namespace konekwa::store {
namespace {

void apply(Database& db, const Migration& step) {
  db.script("BEGIN IMMEDIATE");
  try {
    db.script(step.sql);
    db.script("PRAGMA user_version = " + std::to_string(step.version));
    db.script("COMMIT");
  } catch (const Failure&) {
    if (db.in_transaction()) db.script("ROLLBACK");
    throw;
  }
}

}  // namespace

Result<> migrate(Database& db, std::span<const Migration> steps) {
  const int latest = steps.empty() ? 0 : steps.back().version;
  try {
    const auto present = static_cast<int>(db.integer("PRAGMA user_version").value_or(0));
    if (present > latest) {
      return fail(ErrorCode::STORAGE_UNAVAILABLE,
                  fmt::format("the database has schema {}, this program knows up to {}; run a newer konekwad", present,
                              latest));
    }
    for (const Migration& step : steps) {
      if (step.version <= present) continue;
      apply(db, step);
      if (present > 0) log::info("store", "the database has schema {}", step.version);
    }
  } catch (const Failure& failure) {
    return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string("cannot migrate the database: ") + failure.what());
  }
  return {};
}

Result<> migrate(Database& db) { return migrate(db, all_migrations()); }

}  // namespace konekwa::store
