// WhatsApp's media hosts, which outlive crashes of the daemon: keep what was uploaded, and can be made to fail.
#pragma once

#include <map>
#include <string>

#include "common/loop.h"
#include "common/random.h"
#include "daemon/net/web_client.h"

namespace konekwa::sim {

class Cdn {
 public:
  std::map<std::string, std::string> files;   // by path
  double failure_rate = 0;                    // of exchanges that come to nothing
  int uploads = 0;
};

// Of one run of the daemon.
class SimCdnClient final : public net::WebClient {
 public:
  SimCdnClient(Loop& loop, Random& random, Cdn& cdn) : loop_(loop), random_(random), cdn_(cdn) {}
  void fetch(net::WebRequest request, Done done) override;

 private:
  void arrive(const net::WebRequest& request, const Done& done);

  Loop& loop_;
  Random& random_;
  Cdn& cdn_;
  std::map<std::uint64_t, Timer> under_way_;
  std::uint64_t count_ = 0;
};

// What a request for a file is answered with: written to its download_path, or into the body.
net::WebResponse file_answer(const net::WebRequest& request, const std::string& content);

}  // namespace konekwa::sim
