#include "daemon/store/database.h"

#include <sys/stat.h>

#include "daemon/store/store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temp_dir.h"

namespace konekwa::store {
namespace {

using test::MemoryStore;
using test::TempDir;
using Mode = Database::Mode;

Failure::Kind kind_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.kind;
  }
  FAIL("nothing was thrown");
  return Failure::Kind::Other;
}

TEST_CASE("values come back as they were bound") {
  Database db(MemoryStore::next_uri(), Mode::ReadWrite);
  db.script("CREATE TABLE t (a ANY, b ANY, c ANY, d ANY, e ANY, f ANY) STRICT");
  const std::string text("nul \0 inside", 12);
  const Time time = from_unix_ms(1'773'137'400'123);
  db.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)",
             {std::int64_t(1) << 62, text, Bytes{0, 1, 255}, Bytes{}, std::optional<Time>(), time});

  const bool found = db.query_one("SELECT a, b, c, d, e, f, typeof(d) FROM t", {}, [&](const Row& row) {
    CHECK(row.integer(0) == std::int64_t(1) << 62);
    CHECK(row.text(1) == text);
    CHECK(row.blob(2) == Bytes{0, 1, 255});
    CHECK_FALSE(row.is_null(3));
    CHECK(row.blob(3).empty());
    CHECK(row.text(6) == "blob");
    CHECK(row.is_null(4));
    CHECK_FALSE(row.optional_time(4));
    CHECK(row.time(5) == time);
  });
  CHECK(found);
  CHECK_FALSE(db.query_one("SELECT 1 WHERE 0", {}, [](const Row&) {}));
}

TEST_CASE("a query may run inside the callback of the same query") {
  Database db(MemoryStore::next_uri(), Mode::ReadWrite);
  db.script("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2), (3)");
  int seen = 0;
  const auto count = [&](const Row&) { ++seen; };
  db.query("SELECT n FROM t", {}, [&](const Row&) { db.query("SELECT n FROM t", {}, count); });
  CHECK(seen == 9);
}

TEST_CASE("a statement is free again after its callback threw") {
  Database db(MemoryStore::next_uri(), Mode::ReadWrite);
  db.script("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2)");
  const auto throwing = [](const Row&) { throw std::runtime_error("no"); };
  CHECK_THROWS_AS(db.query("SELECT n FROM t", {}, throwing), std::runtime_error);
  // An open statement would keep the table from being dropped.
  CHECK_NOTHROW(db.script("DROP TABLE t"));
}

TEST_CASE("RETURNING changes the row although only the first row is read") {
  Database db(MemoryStore::next_uri(), Mode::ReadWrite);
  db.script("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2)");
  CHECK(db.integer("UPDATE t SET n = n + 10 RETURNING n") == 11);
  CHECK(db.integer("SELECT sum(n) FROM t") == 23);
  CHECK_FALSE(db.in_transaction());
}

TEST_CASE("failures are sorted by what can be done about them") {
  Database db(MemoryStore::next_uri(), Mode::ReadWrite);
  db.script("CREATE TABLE t (n INTEGER UNIQUE) STRICT; INSERT INTO t VALUES (1)");
  CHECK(kind_of([&] { db.execute("INSERT INTO t VALUES (1)"); }) == Failure::Kind::Constraint);
  CHECK(kind_of([&] { db.execute("SELECT nothing FROM nowhere"); }) == Failure::Kind::Other);
  db.script("PRAGMA max_page_count = 2");
  CHECK(kind_of([&] { db.script("CREATE TABLE u (b BLOB); INSERT INTO u VALUES (zeroblob(100000))"); }) ==
        Failure::Kind::Full);
}

TEST_CASE("connections with one memdb name share one database") {
  MemoryStore one, other;
  one.db.execute("INSERT INTO facts VALUES ('a', '1')");
  CHECK(one.readers.get<std::int64_t>([](Database& db) { return *db.integer("SELECT count(*) FROM facts"); }) == 1);
  CHECK(other.readers.get<std::int64_t>([](Database& db) { return *db.integer("SELECT count(*) FROM facts"); }) == 0);
}

TEST_CASE("a reader cannot write") {
  MemoryStore memory;
  const auto done = memory.readers.read([](Database& db) { db.execute("INSERT INTO facts VALUES ('a', '1')"); });
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(memory.db.integer("SELECT count(*) FROM facts") == 0);
}

TEST_CASE("a file is open for writing once") {
  const TempDir dir;
  auto first = std::make_unique<Database>(dir.file("a.db"), Mode::ReadWrite);
  CHECK(kind_of([&] { Database(dir.path() + "/./a.db", Mode::ReadWrite); }) == Failure::Kind::Other);
  first.reset();
  CHECK_NOTHROW(Database(dir.file("a.db"), Mode::ReadWrite));
}

TEST_CASE("a file that is no database is broken, and a missing one cannot be read") {
  const TempDir dir;
  FILE* file = fopen(dir.file("a.db").c_str(), "w");
  REQUIRE(file);
  for (int i = 0; i < 1000; ++i) fputs("this is no database ", file);
  fclose(file);
  CHECK(kind_of([&] { Database(dir.file("a.db"), Mode::ReadWrite); }) == Failure::Kind::Broken);
  CHECK(kind_of([&] { Database(dir.file("missing.db"), Mode::ReadOnly); }) == Failure::Kind::Full);
}

TEST_CASE("the files of a store are private, in WAL mode, and the WAL is gone after a clean end") {
  const TempDir dir;
  const auto mode_of = [&](const std::string& name) {
    struct stat info {};
    REQUIRE(::stat(dir.file(name).c_str(), &info) == 0);
    return info.st_mode & 0777u;
  };
  {
    auto store = Store::open(dir.path(), [](const Error&) {});
    REQUIRE(store);
    const auto journal = (*store)->readers().get<std::string>([](Database& db) {
      std::string out;
      db.query_one("PRAGMA journal_mode", {}, [&](const Row& row) { out = row.text(0); });
      return out;
    });
    CHECK(journal == "wal");
    CHECK(mode_of("konekwa.db") == 0600);
    CHECK(mode_of("konekwa.db-wal") == 0600);
    CHECK(mode_of("konekwa.db-shm") == 0600);
  }
  struct stat info {};
  CHECK(::stat(dir.file("konekwa.db-wal").c_str(), &info) != 0);
}

TEST_CASE("a store that cannot be opened says so") {
  const auto store = Store::open("/nonexistent/konekwa", [](const Error&) {});
  REQUIRE_FALSE(store);
  CHECK(store.error().code == ErrorCode::STORAGE_UNAVAILABLE);
}

}  // namespace
}  // namespace konekwa::store
