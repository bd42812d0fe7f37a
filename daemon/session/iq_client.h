// Requests to the WhatsApp server and their answers, by id. Lives as long as one connection: when that ends, whoever
// still waits is told NETWORK.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/error.h"
#include "common/loop.h"
#include "common/random.h"
#include "daemon/wa/node.h"

namespace konekwa::session {

class IqClient {
 public:
  using Send = std::function<void(const wa::Node&)>;
  // The answer of type "result", or an error: TIMEOUT, NETWORK, or PROTOCOL with "code text" in details.
  using Done = std::function<void(Result<wa::Node>)>;

  IqClient(Loop& loop, Random& random, Send send);
  ~IqClient();   // tells nobody: the owner is going too

  std::string next_id();                                        // unique on this connection
  void request(const wa::Node& iq, Done done, Duration timeout = seconds(75));
  bool take_answer(const wa::Node& iq);                         // true: it was one of ours
  void fail_all(const Error& why);

 private:
  struct Waiting {
    Done done;
    Timer timeout;
  };
  Loop& loop_;
  Send send_;
  std::string prefix_;
  std::uint64_t count_ = 0;
  std::map<std::string, Waiting> waiting_;
};

}  // namespace konekwa::session
