// What is measured, in the text form that Prometheus reads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/time.h"
#include "daemon/gateway.h"

namespace konekwa::http {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // Any thread. `route` is a pattern of the table, never a path that a client made up.
  void count(std::string_view method, std::string_view route, int status, Duration took);
  // Everything: the requests so far, and what the daemon has at this moment.
  std::string text(const Totals& totals) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace konekwa::http
