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

// Of one run of the daemon: each request arrives a little later, and not at all when the run has ended.
class SimWebClient : public net::WebClient {
 public:
  SimWebClient(Loop& loop, Random& random, int latency_ms_max) : loop_(loop), random_(random), max_(latency_ms_max) {}
  void fetch(net::WebRequest request, Done done) override;

 protected:
  Random& random() { return random_; }

 private:
  virtual void arrive(const net::WebRequest& request, const Done& done) = 0;

  Loop& loop_;
  Random& random_;
  const int max_;
  std::map<std::uint64_t, Timer> under_way_;
  std::uint64_t count_ = 0;
};

class ReceiverClient final : public SimWebClient {
 public:
  ReceiverClient(Loop& loop, Random& random, Receiver& receiver)
      : SimWebClient(loop, random, 30), receiver_(receiver) {}

 private:
  void arrive(const net::WebRequest& request, const Done& done) override;

  Receiver& receiver_;
};

net::WebResponse answer_with(int status, std::string body = "");

}  // namespace konekwa::sim
