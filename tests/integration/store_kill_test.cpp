// Kills a process that commits through the Store, again and again, and looks at what is left: every commit that was
// told done is there, each batch is there whole or not at all, and SQLite finds no damage.
//
// KONEKWA_KILLS says how often (default 50).
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

#include "daemon/events/event_log.h"
#include "daemon/store/facts.h"
#include "daemon/store/store.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

constexpr int kBatchesWaiting = 32;     // so that a transaction holds several
constexpr int kKillAfterMsMax = 40;

int kills_wanted() {
  const char* text = std::getenv("KONEKWA_KILLS");
  return text ? static_cast<int>(std::strtol(text, nullptr, 10)) : 50;
}

// What one accepted message writes in the daemon: a message, its mark, an event with its delivery, a fact.
WriteBatch batch_of(std::int64_t number) {
  WriteBatch batch;
  batch.run([number](Database& db) {
    test::SeededRandom ids(static_cast<std::uint64_t>(number));
    const std::string name = std::to_string(number);
    MessageRow row = test::inbound_row("msg_" + name);
    row.content = std::string(static_cast<std::size_t>(number * 37 % 3000), 'x');
    messages::insert(db, row);
    messages::mark_seen(db, "ses_a", row.chat_id, row.sender, name, test::at(0));
    events::message_received(db, row, test::at(0), ids);
    facts::put(db, "last", name);
  });
  return batch;
}

// The child: commits without end from `number` on, and tells the pipe each number that is durable.
[[noreturn]] void commit_for_ever(const std::string& dir, std::int64_t number, int acks) {
  auto store = Store::open(dir, [](const Error&) { _exit(3); });
  if (!store) _exit(4);
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) _exit(5);
  for (std::int64_t under_way = 0;; ++number) {
    (*store)->writer().commit(batch_of(number), [=](const Result<>& done) {
      if (!done || ::write(acks, &number, sizeof number) != sizeof number) _exit(6);
      if (::write(pipe_ends[1], "", 1) != 1) _exit(7);
    });
    char octet;
    if (++under_way > kBatchesWaiting && ::read(pipe_ends[0], &octet, 1) != 1) _exit(8);
  }
}

// Reads what the child said until it is dead and the pipe is empty.
void read_acks(int acks, std::set<std::int64_t>& durable) {
  std::int64_t number = 0;
  while (::read(acks, &number, sizeof number) == sizeof number) durable.insert(number);
}

std::set<std::int64_t> run_and_kill(const std::string& dir, std::int64_t first, int after_ms) {
  int acks[2];
  REQUIRE(::pipe(acks) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(acks[0]);
    commit_for_ever(dir, first, acks[1]);
  }
  ::close(acks[1]);
  // The clock runs from the first durable commit, so that the kill meets commits and not the start.
  pollfd first_ack{acks[0], POLLIN, 0};
  REQUIRE(::poll(&first_ack, 1, 20'000) == 1);
  REQUIRE((first_ack.revents & POLLIN) != 0);
  ::fcntl(acks[0], F_SETPIPE_SZ, 1 << 20);
  ::poll(nullptr, 0, after_ms);
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));   // it had no failure of its own
  std::set<std::int64_t> durable;
  read_acks(acks[0], durable);
  ::close(acks[0]);
  return durable;
}

struct Found {
  std::set<std::int64_t> messages;
  std::int64_t seen = 0, events = 0, deliveries = 0, last_sequence = 0, last = 0;
  std::string integrity;
};

Found look(const std::string& dir, bool thoroughly) {
  auto store = Store::open(dir, [](const Error&) {});
  REQUIRE(store);
  Found found;
  const auto read = (*store)->readers().read([&](Database& db) {
    db.query("SELECT CAST(substr(id, 5) AS INTEGER), length(content) FROM messages", {}, [&](const Row& row) {
      found.messages.insert(row.integer(0));
      if (row.integer(1) != row.integer(0) * 37 % 3000) found.integrity += "a message is torn;";
    });
    found.seen = *db.integer("SELECT count(*) FROM seen");
    found.events = *db.integer("SELECT count(*) FROM events");
    found.deliveries = *db.integer("SELECT count(*) FROM deliveries");
    found.last_sequence = *db.integer("SELECT event_sequence FROM sessions");
    found.last = std::strtoll(facts::find(db, "last").value_or("0").c_str(), nullptr, 10);
    db.query(thoroughly ? "PRAGMA integrity_check" : "PRAGMA quick_check", {},
             [&](const Row& row) { found.integrity += row.text(0); });
  });
  REQUIRE(read);
  return found;
}

TEST_CASE("no acknowledged commit is lost when the process is killed") {
  const test::TempDir dir;
  {
    auto store = Store::open(dir.path(), [](const Error&) {});
    REQUIRE(store);
    WriteBatch batch;
    batch.run([](Database& db) {
      SessionRow row = test::session_row("ses_a");
      row.webhook_message = "https://example.com/hook";
      sessions::insert(db, row);
    });
    (*store)->writer().commit(std::move(batch), [](const Result<>& done) { REQUIRE(done); });
  }

  test::SeededRandom random(static_cast<std::uint64_t>(::getpid()));
  std::set<std::int64_t> durable;
  std::int64_t next = 1;
  const int kills = kills_wanted();
  for (int i = 0; i < kills; ++i) {
    for (const std::int64_t number : run_and_kill(dir.path(), next, static_cast<int>(random.below(kKillAfterMsMax)))) {
      durable.insert(number);
    }
    const Found found = look(dir.path(), i + 1 == kills);
    INFO("after kill " << i + 1);
    CHECK(found.integrity == "ok");
    REQUIRE(std::includes(found.messages.begin(), found.messages.end(), durable.begin(), durable.end()));
    // Batches are whole, and durable in the order of their calls.
    const auto count = static_cast<std::int64_t>(found.messages.size());
    CHECK(found.seen == count);
    CHECK(found.events == count);
    CHECK(found.deliveries == count);
    CHECK(found.last_sequence == count);
    CHECK(found.last == *found.messages.rbegin());
    CHECK(found.last == count);
    next = found.last + 1;
  }
  WARN(kills << " kills, " << durable.size() << " acknowledged commits, none lost");
}

}  // namespace
}  // namespace konekwa::store
