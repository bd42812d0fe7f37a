// Runs simulated histories. A failure is a seed: `sim_test --seed N` repeats it.
#include <chrono>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "common/log.h"
#include "tests/sim/history.h"

using namespace konekwa;

namespace {

struct Totals {
  std::uint64_t histories = 0, failed = 0, sent = 0, received = 0, crashes = 0;
  Duration virtual_time{0};

  void add(const sim::Outcome& outcome) {
    ++histories;
    failed += outcome.findings.empty() ? 0 : 1;
    sent += outcome.sent;
    received += outcome.received;
    crashes += static_cast<std::uint64_t>(outcome.crashes);
    virtual_time += outcome.virtual_time;
  }
};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t first = 1, count = 300, only = 0;
  std::string level = "off";
  CLI::App app{"simulated histories of sending, receiving, reconnecting and crashing"};
  app.add_option("--seeds", count, "how many seeds");
  app.add_option("--first", first, "the first of them");
  app.add_option("--seed", only, "this one alone");
  app.add_option("--log-level", level, "of the simulated daemon");
  CLI11_PARSE(app, argc, argv);
  if (!log::set_level(level)) return 2;
  if (only != 0) {
    first = only;
    count = 1;
  }
  Totals totals;
  const auto started = std::chrono::steady_clock::now();
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    sim::WorldOptions options;
    options.seed = seed;
    const sim::Outcome outcome = sim::run_random_history(options);
    totals.add(outcome);
    for (const std::string& finding : outcome.findings) std::printf("seed %lu: %s\n", seed, finding.c_str());
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("%lu histories in %.1f s (%.0f a second): %lu sent, %lu received, %lu crashes, %ld virtual seconds\n",
              totals.histories, took, static_cast<double>(totals.histories) / took, totals.sent, totals.received,
              totals.crashes, static_cast<long>(totals.virtual_time.count() / 1000));
  std::printf("%lu passed, %lu failed\n", totals.histories - totals.failed, totals.failed);
  return totals.failed == 0 ? 0 : 1;
}
