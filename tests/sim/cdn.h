// WhatsApp's media hosts, which outlive crashes of the daemon: keep what was uploaded, and can be made to fail.
#pragma once

#include <map>
#include <string>

#include "tests/sim/receiver.h"

namespace konekwa::sim {

class Cdn {
 public:
  std::map<std::string, std::string> files;   // by path
  double failure_rate = 0;                    // of exchanges that come to nothing
  int uploads = 0;
};

class CdnClient final : public SimWebClient {
 public:
  CdnClient(Loop& loop, Random& random, Cdn& cdn) : SimWebClient(loop, random, 200), cdn_(cdn) {}

 private:
  void arrive(const net::WebRequest& request, const Done& done) override;

  Cdn& cdn_;
};

// What a request for a file is answered with: written to its download_path, or into the body.
net::WebResponse file_answer(const net::WebRequest& request, const std::string& content);

}  // namespace konekwa::sim
