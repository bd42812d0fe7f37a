#include "daemon/store/threaded_db_writer.h"

#include <condition_variable>
#include <future>
#include <thread>

#include "daemon/store/facts.h"
#include "daemon/store/store.h"
#include "tests/support/temp_dir.h"

namespace konekwa::store {
namespace {

using test::TempDir;

struct Disk {
  explicit Disk(WriterOptions options = {}) {
    auto db = std::make_unique<Database>(dir.file("a.db"), Database::Mode::ReadWrite);
    REQUIRE(migrate(*db));
    writer = std::make_unique<ThreadedDbWriter>(
        std::move(db), [this](const Error& error) { fatal.push_back(error); }, options);
  }

  Result<> commit(WriteBatch batch) {
    std::promise<Result<>> promise;
    writer->commit(std::move(batch), [&](const Result<>& done) { promise.set_value(done); });
    return promise.get_future().get();
  }

  std::int64_t count() {
    Readers readers(dir.file("a.db"));
    return *readers.get<std::int64_t>([](Database& db) { return *db.integer("SELECT count(*) FROM facts"); });
  }

  TempDir dir;
  std::vector<Error> fatal;
  std::unique_ptr<ThreadedDbWriter> writer;
};

WriteBatch put(const std::string& name) {
  WriteBatch batch;
  batch.run([name](Database& db) { facts::put(db, name, "x"); });
  return batch;
}

// Holds the writer's thread inside a batch until it is opened.
class Gate {
 public:
  WriteBatch batch() {
    WriteBatch out;
    out.run([this](Database&) {
      reached_.set_value();
      opened_.get_future().wait();
    });
    return out;
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> reached_, opened_;
};

TEST_CASE("what is done is durable, in the order of the calls") {
  Disk disk;
  std::vector<int> order;
  std::promise<void> last;
  for (int i = 0; i < 500; ++i) {
    disk.writer->commit(put("n" + std::to_string(i)), [&, i](const Result<>& done) {
      CHECK(done.has_value());
      order.push_back(i);
      if (i == 499) last.set_value();
    });
  }
  last.get_future().wait();
  std::vector<int> expected(500);
  for (int i = 0; i < 500; ++i) expected[static_cast<std::size_t>(i)] = i;
  CHECK(order == expected);
  CHECK(disk.count() == 500);
}

TEST_CASE("what waits becomes one transaction, dones come before listeners") {
  Disk disk;
  std::vector<std::string> record;
  disk.writer->listen("news", [&] { record.push_back("told"); });
  Gate gate;
  disk.writer->commit(gate.batch(), [](const Result<>&) {});
  gate.wait_until_reached();
  for (int i = 0; i < 3; ++i) {
    WriteBatch batch = put("n" + std::to_string(i));
    batch.run([](Database& db) { db.signal("news"); });
    disk.writer->commit(std::move(batch), [&, i](const Result<>&) { record.push_back("done " + std::to_string(i)); });
  }
  gate.open();
  disk.writer.reset();   // completes what is queued
  CHECK(record == std::vector<std::string>{"done 0", "done 1", "done 2", "told"});
}

TEST_CASE("a batch that conflicts fails alone") {
  Disk disk;
  REQUIRE(disk.commit(put("a")));
  WriteBatch batch;
  batch.run([](Database& db) { db.execute("INSERT INTO facts VALUES ('a', 'again')"); });
  const auto done = disk.commit(std::move(batch));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::CONFLICT);
  CHECK(disk.writer->is_healthy());
  CHECK(disk.commit(put("b")));
}

TEST_CASE("a full queue refuses at once") {
  Disk disk(WriterOptions{.queue_max = 2});
  Gate gate;
  disk.writer->commit(gate.batch(), [](const Result<>&) {});
  gate.wait_until_reached();
  disk.writer->commit(put("a"), [](const Result<>&) {});
  disk.writer->commit(put("b"), [](const Result<>&) {});
  std::optional<Result<>> refused;
  disk.writer->commit(put("c"), [&](const Result<>& done) { refused = done; });
  REQUIRE(refused);
  CHECK(refused->error().code == ErrorCode::STORAGE_UNAVAILABLE);
  gate.open();
  disk.writer.reset();
  CHECK(disk.count() == 2);
}

TEST_CASE("a full disk refuses everything, and writing resumes by itself") {
  Disk disk(WriterOptions{.probe_interval = milliseconds(5)});
  WriteBatch limit;
  limit.run([](Database& db) { db.script("PRAGMA max_page_count = 1"); });
  REQUIRE(disk.commit(std::move(limit)));
  const auto too_much = [] {
    WriteBatch batch;
    batch.run([](Database& db) { facts::put(db, "big", std::string(300'000, 'x')); });
    return batch;
  };
  const auto refused = disk.commit(too_much());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK_FALSE(disk.writer->is_healthy());
  CHECK_FALSE(disk.commit(put("small")));
  CHECK(disk.fatal.empty());
}

TEST_CASE("once there is room again, the probe finds it") {
  Disk disk(WriterOptions{.probe_interval = milliseconds(1)});
  // The failure is of the disk once; the probe after it meets a disk that works.
  WriteBatch full;
  full.run([](Database&) { throw Failure(Failure::Kind::Full, "database or disk is full"); });
  CHECK_FALSE(disk.commit(std::move(full)));
  while (!disk.writer->is_healthy()) std::this_thread::yield();
  CHECK(disk.commit(put("a")));
  CHECK(disk.count() == 1);   // the probe leaves nothing behind
}

TEST_CASE("an I/O error is fatal: everything is refused from then on") {
  Disk disk;
  Gate gate;
  disk.writer->commit(gate.batch(), [](const Result<>&) {});
  gate.wait_until_reached();
  WriteBatch broken;
  broken.run([](Database&) { throw Failure(Failure::Kind::Broken, "disk I/O error"); });
  std::vector<ErrorCode> codes;
  const auto note = [&](const Result<>& done) {
    if (!done) codes.push_back(done.error().code);
  };
  disk.writer->commit(put("a"), note);
  disk.writer->commit(std::move(broken), note);
  gate.open();
  CHECK_FALSE(disk.commit(put("b")));
  CHECK_FALSE(disk.commit(put("c")));
  disk.writer.reset();
  CHECK(codes == std::vector<ErrorCode>(2, ErrorCode::STORAGE_UNAVAILABLE));
  REQUIRE(disk.fatal.size() == 1);
  CHECK(disk.fatal[0].details.find("I/O error") != std::string::npos);
  CHECK(disk.count() == 0);
}

TEST_CASE("many threads may commit at once") {
  Disk disk;
  std::vector<std::thread> threads;
  std::atomic<int> done_count = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        disk.writer->commit(put(std::to_string(t) + "/" + std::to_string(i)),
                            [&](const Result<>& done) { done_count += done ? 1 : 0; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  disk.writer.reset();
  CHECK(done_count == 400);
  CHECK(disk.count() == 400);
}

}  // namespace
}  // namespace konekwa::store
