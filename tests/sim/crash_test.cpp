// A crash after every single commit of a conversation, and the planted bugs that the checkers must catch.
#include <catch2/catch.hpp>

#include "common/log.h"
#include "tests/sim/history.h"

using namespace konekwa;

namespace {

// Is there a history among a few in which the bug is found, and by the checker that is there for it?
bool is_caught(sim::Bug bug, const std::string& finding) {
  constexpr std::uint64_t kSeeds = 100;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    sim::WorldOptions options;
    options.seed = seed;
    options.bug = bug;
    for (const std::string& found : sim::run_random_history(options).findings) {
      if (found.find(finding) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("the scripted conversations are sound without a crash") {
  log::set_level(log::Level::Off);
  const auto run = GENERATE(&sim::run_scripted_history, &sim::run_scripted_group_history);
  const auto outcome = run({});
  CHECK(outcome.findings == std::vector<std::string>{});
  CHECK(outcome.commits > 20);
}

TEST_CASE("the scripted conversations survive a crash after each of their commits") {
  log::set_level(log::Level::Off);
  const auto run = GENERATE(&sim::run_scripted_history, &sim::run_scripted_group_history);
  const int commits = [&] {
    sim::WorldOptions options;
    options.crash_after_commit = 1'000'000;  // never reached, but one batch a commit
    return run(options).commits;
  }();
  for (int last = 1; last <= commits; ++last) {
    sim::WorldOptions options;
    options.crash_after_commit = last;
    const auto outcome = run(options);
    INFO("crash after commit " << last);
    CHECK(outcome.findings == std::vector<std::string>{});
  }
}

TEST_CASE("the checkers catch a message that is acknowledged before it is durable") {
  log::set_level(log::Level::Off);
  CHECK(is_caught(sim::Bug::AckBeforeCommit, "each inbound message makes exactly one event"));
}

TEST_CASE("the checkers catch a message that is sent before its ratchet is durable") {
  log::set_level(log::Level::Off);
  CHECK(is_caught(sim::Bug::SendBeforeCommit, "the ratchet went back"));
}

TEST_CASE("the checkers catch a fresh stanza id on a resend") {
  log::set_level(log::Level::Off);
  CHECK(is_caught(sim::Bug::FreshIdOnResend, "was shown twice"));
}
