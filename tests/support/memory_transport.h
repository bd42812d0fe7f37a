// A network in memory: client transports whose other ends are handed to a server, as a listener would. Messages take
// turns on the loop, after a latency that the test chooses. Breaking it is up to the test: refuse, cut, drop.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/loop.h"
#include "daemon/wa/io/transport.h"

namespace konekwa::test {

class MemoryNetwork final : public wa::io::Connector {
 public:
  // As Connection::MakeTransport: called once, with the handler of the server's end.
  using MakeTransport = std::function<std::unique_ptr<wa::io::Transport>(wa::io::Transport::Handler&)>;
  using Accept = std::function<void(const MakeTransport&)>;

  struct Record {               // every message that was sent, in order
    bool is_from_client = false;
    std::size_t link = 0;       // which connection, counted from 0
    Bytes message;
  };

  explicit MemoryNetwork(Loop& loop, Accept accept = nullptr);
  ~MemoryNetwork() override;

  void set_accept(Accept accept);                        // the server; without one, connecting fails
  void set_latency(std::function<Duration()> latency);   // asked for every message; order is kept all the same
  void set_refusing(bool refuses);                       // connecting fails from now on
  void set_recording(bool enabled);                      // off at first: a simulation sends a great deal
  std::unique_ptr<wa::io::Transport> connect(const wa::Endpoint& endpoint,
                                             wa::io::Transport::Handler& handler) override;

  void cut_all();                                        // both ends hear of it; what was under way is lost
  void cut(std::size_t link);
  // The peer vanishes without a word: nothing arrives any more, nobody is told.
  void black_hole(std::size_t link);
  std::size_t connections_made() const;                  // links are counted 0 .. connections_made() - 1
  std::size_t connections_open() const;
  const std::vector<wa::Endpoint>& endpoints() const;    // of every attempt, refused ones too
  const std::vector<Record>& records() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace konekwa::test
