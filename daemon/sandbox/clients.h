// The connections of clients. Closing one is done here, because a connection must not be destroyed from inside its own
// callbacks.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "common/loop.h"
#include "daemon/wa/io/connection.h"

namespace konekwa::sandbox {

struct Network;
class Companion;
class Pairing;

class Clients {
 public:
  explicit Clients(Network& network);
  ~Clients();

  void accept(const wa::io::Connection::MakeTransport& make);
  void retire(Companion& companion);         // it hears nothing more and is destroyed on the loop's next turn
  void cut_all();                            // as a network failure would
  Pairing* find_pairing(const std::string& ref) const;
  bool is_expired(const std::string& ref) const;  // the ref was shown by a client that is gone
  std::size_t count() const { return present_.size(); }

 private:
  Network& network_;
  std::list<std::unique_ptr<Companion>> present_, retired_;
  std::deque<std::string> expired_refs_;     // at most kExpiredRefsMax
  Timer sweep_;
};

}  // namespace konekwa::sandbox
