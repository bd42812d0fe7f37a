// The user's webhook receiver, which outlives crashes of the daemon: keeps what arrived, and can be made to fail.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/loop.h"
#include "common/random.h"
#include "daemon/net/web_client.h"

namespace konekwa::sim {

class Receiver {
 public:
  struct Delivery {
    std::string event_id;
    std::string url;
    std::string body;
    bool is_accepted = false;
  };
  std::vector<Delivery> deliveries;    // each attempt, in order of arrival
  std::map<std::string, std::string> pages;   // what a GET of a URL is answered with
  double failure_rate = 0;             // of answers that are a 500, a lost request or a lost answer
};

// Of one run of the daemon.
class SimWebClient final : public net::WebClient {
 public:
  SimWebClient(Loop& loop, Random& random, Receiver& receiver) : loop_(loop), random_(random), receiver_(receiver) {}
  void fetch(net::WebRequest request, Done done) override;

 private:
  void arrive(const net::WebRequest& request, const Done& done);

  Loop& loop_;
  Random& random_;
  Receiver& receiver_;
  std::map<std::uint64_t, Timer> under_way_;
  std::uint64_t count_ = 0;
};

}  // namespace konekwa::sim
