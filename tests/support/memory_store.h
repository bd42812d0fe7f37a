// A migrated database in memory with its readers, and a DbWriter that commits inline: `done` and the listeners are
// called before commit returns. Refuses what the test says. Single-threaded.
#pragma once

#include <catch2/catch.hpp>

#include "daemon/store/batch_runner.h"
#include "daemon/store/store.h"

namespace konekwa::test {

class InlineDbWriter final : public store::DbWriter {
 public:
  explicit InlineDbWriter(store::Database& db) : runner_(db) {}

  void commit(store::WriteBatch batch, Done done) override {
    ++commits;
    if (refusals > 0) {
      --refusals;
      return done(fail(ErrorCode::STORAGE_UNAVAILABLE, "the test refuses"));
    }
    const auto results = runner_.run(std::span(&batch, 1));
    const auto topics = runner_.take_topics();
    done(results.front());
    for (const auto& [topic, told] : listeners_) {
      if (std::find(topics.begin(), topics.end(), topic) != topics.end()) told();
    }
  }
  void listen(std::string topic, std::function<void()> told) override {
    listeners_.emplace_back(std::move(topic), std::move(told));
  }
  bool is_healthy() const override { return refusals == 0; }

  int commits = 0;
  int refusals = 0;   // of the next commits

 private:
  store::BatchRunner runner_;
  std::vector<std::pair<std::string, std::function<void()>>> listeners_;
};

class MemoryStore {
 public:
  MemoryStore() { REQUIRE(store::migrate(db)); }

  // Each store has a name of its own, or two would share what they hold.
  static std::string next_uri() {
    static int made = 0;
    return "file:/unit-" + std::to_string(++made) + "?vfs=memdb";
  }

  const std::string uri = next_uri();
  store::Database db{uri, store::Database::Mode::ReadWrite};
  store::Readers readers{uri};
  InlineDbWriter writer{db};
};

}  // namespace konekwa::test
