// Sends what is owed to webhooks: at least once, in order for each (URL, chat), signed by the Standard Webhooks
// convention, retried by the schedule. A result is durable before the next delivery of its lane goes out.
// Lives on the loop's thread.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/loop.h"
#include "common/random.h"
#include "daemon/net/web_client.h"
#include "daemon/store/db_writer.h"
#include "daemon/store/deliveries.h"
#include "daemon/store/store.h"

namespace konekwa::events {

struct WebhookOptions {
  // Waits before each attempt, the first included. After the last failure the delivery is dead.
  std::vector<Duration> retry_schedule;
  int parallel_max = 256;        // deliveries under way
  int parallel_per_url_max = 8;
  int max_rate = 100;            // deliveries a second to a URL that has been down, until it has caught up
  double jitter = 0.1;
};
std::vector<Duration> default_retry_schedule();   // 0s, 5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h
Result<std::vector<Duration>> parse_retry_schedule(std::string_view text);  // "0s,5s,5m"

class WebhookDispatcher {
 public:
  WebhookDispatcher(Loop& loop, Random& random, store::DbWriter& writer, store::Readers& readers, net::WebClient& web,
                    WebhookOptions options);
  ~WebhookDispatcher();
  void start();    // listens for kTopic, and takes up what was left by the run before
  void stop();     // starts nothing more; what is under way is forgotten and tried again by the next run

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace konekwa::events
