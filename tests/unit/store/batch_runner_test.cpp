#include "daemon/store/batch_runner.h"

#include "daemon/store/facts.h"
#include "tests/support/memory_store.h"

namespace konekwa::store {
namespace {

using test::MemoryStore;

WriteBatch put(const std::string& name) {
  WriteBatch batch;
  batch.run([name](Database& db) { db.execute("INSERT INTO facts VALUES (?, 'x')", {name}); });
  return batch;
}

TEST_CASE("a batch that breaks a constraint is rolled back alone") {
  MemoryStore memory;
  BatchRunner runner(memory.db);
  std::vector<WriteBatch> batches = {put("a"), put("b"), put("c")};
  batches[1].run([](Database& db) { db.execute("INSERT INTO facts VALUES ('a', 'again')"); });

  const auto results = runner.run(batches);
  REQUIRE(results.size() == 3);
  CHECK(results[0]);
  REQUIRE_FALSE(results[1]);
  CHECK(results[1].error().code == ErrorCode::CONFLICT);
  CHECK(results[1].error().details.find("UNIQUE") != std::string::npos);
  CHECK(results[2]);
  CHECK(facts::find(memory.db, "a") == "x");
  CHECK_FALSE(facts::find(memory.db, "b"));
  CHECK(facts::find(memory.db, "c") == "x");
  CHECK_FALSE(memory.db.in_transaction());
}

TEST_CASE("an operation that returns an error undoes its batch and passes the error on") {
  MemoryStore memory;
  BatchRunner runner(memory.db);
  std::vector<WriteBatch> batches = {put("a"), put("b")};
  bool ran_on = false;
  batches[0].add([](Database&) -> Result<> { return fail(ErrorCode::QUEUE_FULL, "100 wait"); });
  batches[0].run([&](Database&) { ran_on = true; });

  const auto results = runner.run(batches);
  REQUIRE_FALSE(results[0]);
  CHECK(results[0].error().code == ErrorCode::QUEUE_FULL);
  CHECK(results[0].error().details == "100 wait");
  CHECK_FALSE(ran_on);
  CHECK(results[1]);
  CHECK_FALSE(facts::find(memory.db, "a"));
}

TEST_CASE("an exception and a mistaken statement are errors of their batch only") {
  MemoryStore memory;
  BatchRunner runner(memory.db);
  std::vector<WriteBatch> batches = {put("a"), put("b"), put("c")};
  batches[0].run([](Database&) { throw std::out_of_range("oops"); });
  batches[1].run([](Database& db) { db.execute("INSERT INTO nowhere VALUES (1)"); });
  const auto results = runner.run(batches);
  CHECK(results[0].error().code == ErrorCode::INTERNAL_ERROR);
  CHECK(results[1].error().code == ErrorCode::INTERNAL_ERROR);
  CHECK(results[2]);
  CHECK(memory.db.integer("SELECT count(*) FROM facts") == 1);
}

TEST_CASE("topics are those of successful batches, each once") {
  MemoryStore memory;
  BatchRunner runner(memory.db);
  std::vector<WriteBatch> batches = {put("a"), put("b"), put("c")};
  for (WriteBatch& batch : batches) batch.run([](Database& db) { db.signal("all"); });
  batches[0].run([](Database& db) { db.signal("first"); });
  batches[1].run([](Database& db) { db.signal("second"); });
  batches[1].add([](Database&) -> Result<> { return fail(ErrorCode::CONFLICT); });
  runner.run(batches);
  CHECK(runner.take_topics() == std::vector<std::string>{"all", "first"});
  CHECK(runner.take_topics().empty());
}

TEST_CASE("a full disk rolls back everything and refuses everyone") {
  MemoryStore memory;
  memory.db.script("PRAGMA max_page_count = 1");   // no page more than there are
  BatchRunner runner(memory.db);
  std::vector<WriteBatch> batches = {put("a"), put("b")};
  batches[0].run([](Database& db) { db.signal("all"); });
  batches[1].run([](Database& db) { db.execute("INSERT INTO facts VALUES ('big', hex(zeroblob(100000)))"); });

  const auto results = runner.run(batches);
  REQUIRE(runner.failure());
  CHECK(runner.failure()->kind == Failure::Kind::Full);
  for (const auto& result : results) CHECK(result.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(runner.take_topics().empty());
  CHECK(memory.db.integer("SELECT count(*) FROM facts") == 0);
  CHECK_FALSE(memory.db.in_transaction());

  memory.db.script("PRAGMA max_page_count = 1000000");
  CHECK(runner.run(batches)[1]);
  CHECK_FALSE(runner.failure());
}

TEST_CASE("nothing to do is done") {
  MemoryStore memory;
  BatchRunner runner(memory.db);
  CHECK(runner.run({}).empty());
  const std::vector<WriteBatch> empty(1);
  CHECK(runner.run(empty)[0]);
}

}  // namespace
}  // namespace konekwa::store
