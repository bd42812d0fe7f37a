#include "daemon/http/metrics.h"

#include <fstream>
#include <map>
#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

namespace konekwa::http {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30};

prometheus::MetricFamily sample(const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::MetricFamily family{name, help, type, {prometheus::ClientMetric{}}};
  family.metric.front().gauge.value = value;
  family.metric.front().counter.value = value;
  return family;
}

prometheus::MetricFamily sessions(const Totals& totals) {
  prometheus::MetricFamily family{"konekwa_sessions", "Sessions by their status", prometheus::MetricType::Gauge, {}};
  for (const auto& [status, count] : totals.sessions_by_status) {
    prometheus::ClientMetric metric;
    metric.label = {{"status", status}};
    metric.gauge.value = static_cast<double>(count);
    family.metric.push_back(std::move(metric));
  }
  return family;
}

// Pages in memory, by the kernel: the second number of statm.
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

template <class Map>
typename Map::mapped_type& entry(Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found != map.end() ? found->second : map.try_emplace(std::string(key)).first->second;
}

}  // namespace

class Metrics::Impl {
 public:
  // Found by text; the library's own look-up hashes every label, which each request would pay for.
  struct Series {
    prometheus::Histogram* durations = nullptr;
    std::map<int, prometheus::Counter*> by_status;
  };
  void count(std::string_view method, std::string_view route, int status, double took_s) {
    const std::lock_guard lock(mutex);
    Series& found = entry(entry(series, route), method);
    if (found.durations == nullptr) found.durations = &durations.Add(labels(method, route), kSeconds);
    found.durations->Observe(took_s);
    prometheus::Counter*& counter = found.by_status[status];
    if (counter == nullptr) {
      auto all = labels(method, route);
      all.emplace("status", std::to_string(status));
      counter = &requests.Add(all);
    }
    counter->Increment();
  }
  static std::map<std::string, std::string> labels(std::string_view method, std::string_view route) {
    return {{"method", std::string(method)}, {"route", std::string(route)}};
  }

  std::mutex mutex;
  std::map<std::string, std::map<std::string, Series, std::less<>>, std::less<>> series;   // by route and method
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
      .Name("konekwa_http_requests_total").Help("Requests answered").Register(registry);
  prometheus::Family<prometheus::Histogram>& durations = prometheus::BuildHistogram()
      .Name("konekwa_http_request_duration_seconds").Help("From the header of a request to its answer")
      .Register(registry);
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count(std::string_view method, std::string_view route, int status, Duration took) {
  impl_->count(method, route, status, static_cast<double>(took.count()) / 1000.0);
}

std::string Metrics::text(const Totals& totals) const {
  using enum prometheus::MetricType;
  std::vector<prometheus::MetricFamily> all = impl_->registry.Collect();
  const auto add = [&](const char* name, const char* help, prometheus::MetricType type, auto value) {
    all.push_back(sample(name, help, type, static_cast<double>(value)));
  };
  all.push_back(sessions(totals));
  add("konekwa_messages_accepted_total", "Messages accepted since the start", Counter, totals.messages_accepted);
  add("konekwa_messages_waiting", "Messages scheduled, queued or being sent", Gauge, totals.messages_waiting);
  add("konekwa_events_total", "Events ever made", Counter, totals.events_made);
  add("konekwa_webhooks_pending", "Webhook deliveries that wait for an attempt", Gauge, totals.webhooks_pending);
  add("konekwa_webhooks_oldest_age_seconds", "How long the first webhook delivery that may go has been due", Gauge,
      static_cast<double>(totals.webhooks_oldest_age.count()) / 1000.0);
  add("konekwa_webhooks_failed", "Webhook deliveries that are dead or failed three times", Gauge,
      totals.webhooks_failed);
  add("konekwa_storage_healthy", "1 while the database takes writes", Gauge, totals.is_storage_healthy ? 1 : 0);
  add("process_resident_memory_bytes", "Resident memory", Gauge, resident_bytes());
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace konekwa::http
