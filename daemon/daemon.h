// The daemon: owns every part. It starts them in one order and stops them in the other.
#pragma once

#include <memory>

#include "common/error.h"
#include "daemon/settings.h"

namespace konekwa {

// Of the whole stop; main ends the process when it takes longer.
inline constexpr int kStopSecondsMax = 20;

class Daemon {
 public:
  // Answers requests when it returns, and has told the service manager. INVALID_REQUEST when a setting cannot be used,
  // CONFLICT when another process has the data directory or an address.
  static Result<std::unique_ptr<Daemon>> start(const Settings& settings);
  ~Daemon();

  // Tells the service manager how things are, and that all threads take work if each did since the last report. To be
  // called every service::report_interval(). Main thread.
  void report();

  // Answers what is under way, closes the sessions' connections, and writes down what waits to be written. Main thread.
  void stop();

 private:
  Daemon() = default;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa
