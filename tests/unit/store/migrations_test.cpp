#include "daemon/store/migrations.h"

#include "daemon/store/store.h"
#include "tests/support/memory_store.h"

namespace konekwa::store {
namespace {

using test::MemoryStore;

std::int64_t version(Database& db) { return *db.integer("PRAGMA user_version"); }
std::int64_t tables(Database& db) {
  return *db.integer("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
}

TEST_CASE("an empty file gets the schema, and a second run changes nothing") {
  Database db(MemoryStore::next_uri(), Database::Mode::ReadWrite);
  REQUIRE(migrate(db));
  const auto made = tables(db);
  CHECK(made > 10);
  CHECK(version(db) == all_migrations().back().version);
  REQUIRE(migrate(db));
  CHECK(tables(db) == made);
}

TEST_CASE("every table is STRICT") {
  MemoryStore memory;
  std::vector<std::string> loose;
  memory.db.query("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0"
                  " AND name NOT LIKE 'sqlite_%'", {},
                  [&](const Row& row) { loose.push_back(row.text(0)); });
  CHECK(loose.empty());
}

TEST_CASE("a newer file is refused and left alone") {
  MemoryStore memory;
  memory.db.script("PRAGMA user_version = 9999");
  const auto done = migrate(memory.db);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(version(memory.db) == 9999);
}

TEST_CASE("a step that fails leaves no trace, the steps before it stay") {
  Database db(MemoryStore::next_uri(), Database::Mode::ReadWrite);
  const Migration steps[] = {{1, "CREATE TABLE a (n INTEGER) STRICT;"},
                             {2, "CREATE TABLE b (n INTEGER) STRICT; INSERT INTO missing VALUES (1);"}};
  CHECK_FALSE(migrate(db, steps));
  CHECK(version(db) == 1);
  CHECK(tables(db) == 1);
  CHECK_FALSE(db.in_transaction());

  const Migration repaired[] = {steps[0], {2, "CREATE TABLE b (n INTEGER) STRICT;"}};
  CHECK(migrate(db, repaired));
  CHECK(version(db) == 2);
  CHECK(tables(db) == 2);
}

TEST_CASE("migrations are numbered 1, 2, 3 without gaps") {
  int expected = 0;
  for (const Migration& step : all_migrations()) CHECK(step.version == ++expected);
  CHECK(expected > 0);
}

}  // namespace
}  // namespace konekwa::store
