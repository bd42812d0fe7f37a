// The embedded database: migrations at open, one writer, and read-only connections to borrow.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/store/db_writer.h"

namespace konekwa::store {

// Read-only connections. Any thread; a read blocks for a page fault at most, never for the writer (WAL). What one body
// reads is one snapshot. Without WAL (a database in memory) a commit inside a body would wait for that body: do not.
class Readers {
 public:
  explicit Readers(std::string path_or_uri);
  ~Readers();
  // Runs `body` with a connection. STORAGE_UNAVAILABLE when the database fails.
  Result<> read(const std::function<void(Database&)>& body);

  template <class T, class Body>
  Result<T> get(Body&& body) {
    T out{};
    auto done = read([&](Database& db) { out = body(db); });
    if (!done) return fail(done.error());
    return out;
  }

 private:
  std::unique_ptr<Database> borrow();
  void give_back(std::unique_ptr<Database> db);

  std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

// Brings the schema of a read-write connection to this version. Refuses a newer one.
Result<> migrate(Database& db);

// Opens DIR/konekwa.db, migrates it, and starts the writer's thread. `on_fatal` is called on that thread.
class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::string& data_dir, std::function<void(Error)> on_fatal);
  ~Store();  // completes what is queued
  DbWriter& writer() { return *writer_; }
  Readers& readers() { return *readers_; }

 private:
  Store() = default;
  std::unique_ptr<DbWriter> writer_;
  std::unique_ptr<Readers> readers_;
};

}  // namespace konekwa::store
