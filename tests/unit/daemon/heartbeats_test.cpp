#include "daemon/heartbeats.h"

#include <catch2/catch.hpp>

using namespace konekwa;

namespace {

// A thread that answers when the test says so.
struct Thread {
  std::vector<Task> asked;
  Heartbeats::Ask ask() {
    return [this](Task answer) { asked.push_back(std::move(answer)); };
  }
  void answer() {
    for (const Task& task : asked) task();
    asked.clear();
  }
};

}  // namespace

TEST_CASE("a beat needs an answer of every thread since the one before") {
  Thread net, writer;
  Heartbeats heartbeats;
  heartbeats.watch("net", net.ask());
  heartbeats.watch("db-writer", writer.ask());
  CHECK_FALSE(heartbeats.beat());   // nobody has been asked yet
  net.answer();
  writer.answer();
  CHECK(heartbeats.beat());
  net.answer();
  CHECK_FALSE(heartbeats.beat());
  CHECK(heartbeats.silent() == "db-writer");
  writer.answer();
  CHECK(heartbeats.beat());
}

TEST_CASE("one thread that hangs stops the beats for good, however often the others answer") {
  Thread net, http;
  Heartbeats heartbeats;
  heartbeats.watch("net", net.ask());
  heartbeats.watch("http", http.ask());
  heartbeats.beat();
  for (int i = 0; i < 5; ++i) {
    http.answer();
    CHECK_FALSE(heartbeats.beat());
    CHECK(heartbeats.silent() == "net");
  }
}

TEST_CASE("a late answer counts, and an answer may come when nobody waits for it any more") {
  Thread net;
  std::vector<Task> kept;
  {
    Heartbeats heartbeats;
    heartbeats.watch("net", net.ask());
    heartbeats.beat();
    CHECK_FALSE(heartbeats.beat());
    net.asked.pop_back();
    net.answer();   // to the first question
    CHECK(heartbeats.beat());
    CHECK(net.asked.size() == 1);
    kept = std::move(net.asked);
  }
  kept.front()();
}

TEST_CASE("everyone who is silent is named") {
  Thread net, http;
  Heartbeats heartbeats;
  heartbeats.watch("net", net.ask());
  heartbeats.watch("http", http.ask());
  heartbeats.beat();
  CHECK(heartbeats.silent() == "net, http");
}
