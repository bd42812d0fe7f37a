// A real loop that a test turns by hand, with a client's transport on it that records what it hears.
#pragma once

#include <memory>
#include <vector>

#include "daemon/wa/io/websocket.h"
#include "tests/unit/wa/io/local_server.h"

#include <boost/asio/io_context.hpp>

namespace konekwa::test {

struct Client : wa::io::Transport::Handler {
  std::unique_ptr<wa::io::Transport> transport;
  bool is_open = false;
  std::vector<Bytes> messages;
  std::vector<Error> closed;
  std::function<void()> on_message;

  void on_transport_open() override { is_open = true; }
  void on_transport_message(Bytes message) override {
    messages.push_back(std::move(message));
    if (on_message) on_message();
  }
  void on_transport_closed(Error why) override { closed.push_back(std::move(why)); }
};

struct Net {
  wa::io::AsioLoop loop;
  std::unique_ptr<wa::io::Connector> connector = wa::io::make_websocket_connector(loop);
  Client client;

  void connect(const std::string& url, const std::string& ca_file = {}) {
    connect(wa::Endpoint{url, {}, ca_file});
  }
  void connect(const LocalServer& server) { connect(server.url(), server.ca_file()); }
  void connect(const wa::Endpoint& endpoint) { client.transport = connector->connect(endpoint, client); }

  // One handler, or none for a while: is there still work?
  bool turn(Duration patience = milliseconds(20)) {
    loop.context().restart();
    return loop.context().run_one_for(patience) != 0;
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = loop.now() + seconds(10);
    while (!condition() && loop.now() < deadline) turn();
    return condition();
  }
  void settle(Duration patience = milliseconds(20)) {
    while (turn(patience)) continue;
  }
};

}  // namespace konekwa::test
