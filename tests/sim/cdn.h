// WhatsApp's media hosts, which outlive crashes of the daemon: the sandbox's, over a network that can be made to fail
// and with files that can be made to go.
#pragma once

#include <string>
#include <vector>

#include "daemon/sandbox/media_server.h"
#include "tests/sim/receiver.h"

namespace konekwa::sim {

// What becomes of an exchange. The last ones are of downloads alone; an upload comes to nothing instead.
enum class CdnFault { None, Refused, Lost, Drip, Absent, Gone, Redirected, Flipped, Short, Longer, Empty, Endless };

class Cdn {
 public:
  double failure_rate = 0;                    // of exchanges that a fault strikes
  std::vector<CdnFault> faults;               // those to choose from
  bool has_failed = false;                    // ever: only then may a file be lost
  int uploads = 0, downloads = 0;
  int hangs = 0;                              // the next n downloads never end
};

class CdnClient final : public SimWebClient {
 public:
  CdnClient(Loop& loop, Random& random, Cdn& cdn, sandbox::MediaServer& server)
      : SimWebClient(loop, random, 200), loop_(loop), random_(random), cdn_(cdn), server_(server) {}

 private:
  void arrive(const net::WebRequest& request, const Done& done) override;
  void download(const net::WebRequest& request, CdnFault fault, const Done& done);
  void upload(const net::WebRequest& request, CdnFault fault, const Done& done);
  void drip(const net::WebRequest& request, const Done& done);

  Loop& loop_;
  Random& random_;
  Cdn& cdn_;
  sandbox::MediaServer& server_;
  std::vector<Timer> dripping_;
};

// What a request for a file is answered with: written to its download_path, or into the body.
Result<net::WebResponse> file_answer(const net::WebRequest& request, const std::string& content);

}  // namespace konekwa::sim
