#include "tests/support/memory_transport.h"

#include <catch2/catch.hpp>

#include "tests/support/manual_loop.h"

using namespace konekwa;
using konekwa::test::ManualLoop;
using konekwa::test::MemoryNetwork;
using wa::io::Transport;

namespace {

struct End : Transport::Handler {
  std::unique_ptr<Transport> transport;
  std::string log;

  void on_transport_open() override { log += "open "; }
  void on_transport_message(Bytes message) override { log += to_string(ByteView(message)) + " "; }
  void on_transport_closed(Error) override { log += "closed "; }
};

struct Pair {
  ManualLoop loop;
  MemoryNetwork network{loop};
  End client, server;

  Pair() {
    network.set_accept([this](const MemoryNetwork::MakeTransport& make) { server.transport = make(server); });
    client.transport = network.connect({}, client);
  }
};

}  // namespace

TEST_CASE("both ends open and talk, in order") {
  Pair pair;
  CHECK(pair.client.log.empty());
  pair.loop.run_until_idle();
  pair.client.transport->send(to_bytes("1"));
  pair.client.transport->send(to_bytes("2"));
  pair.server.transport->send(to_bytes("3"));
  pair.loop.run_until_idle();
  CHECK(pair.server.log == "open 1 2 ");
  CHECK(pair.client.log == "open 3 ");
}

TEST_CASE("latency delays but never reorders") {
  Pair pair;
  pair.loop.run_until_idle();
  auto latency = seconds(2);
  pair.network.set_latency([&] { return std::exchange(latency, seconds(1)); });
  pair.client.transport->send(to_bytes("1"));
  pair.client.transport->send(to_bytes("2"));
  pair.loop.advance(milliseconds(1999));
  CHECK(pair.server.log == "open ");
  pair.loop.advance(milliseconds(1));
  CHECK(pair.server.log == "open 1 2 ");
}

TEST_CASE("a refused client hears so") {
  Pair pair;
  pair.network.set_refusing(true);
  pair.loop.run_until_idle();
  CHECK(pair.client.log == "closed ");
  CHECK(pair.server.log.empty());
}

TEST_CASE("an orderly close flushes, and both ends hear of it once") {
  Pair pair;
  pair.loop.run_until_idle();
  pair.client.transport->send(to_bytes("1"));
  pair.client.transport->close();
  pair.client.transport->send(to_bytes("2"));
  pair.loop.advance(seconds(10));
  CHECK(pair.server.log == "open 1 closed ");
  CHECK(pair.client.log == "open closed ");
  CHECK(pair.network.connections_open() == 0);
}

TEST_CASE("closing before the connection is open ends it") {
  Pair pair;
  pair.client.transport->close();
  pair.loop.advance(seconds(10));
  CHECK(pair.client.log == "closed ");
  CHECK(pair.server.log.empty());
}

TEST_CASE("a destroyed end hears nothing, the other hears the end") {
  Pair pair;
  pair.loop.run_until_idle();
  pair.server.transport->send(to_bytes("1"));
  pair.client.transport.reset();
  pair.loop.run_until_idle();
  CHECK(pair.client.log == "open ");
  CHECK(pair.server.log == "open closed ");
}

TEST_CASE("a cut loses what is under way") {
  Pair pair;
  pair.loop.run_until_idle();
  pair.client.transport->send(to_bytes("1"));
  pair.network.cut_all();
  pair.loop.run_until_idle();
  CHECK(pair.server.log == "open closed ");
  CHECK(pair.client.log == "open closed ");
}

TEST_CASE("a black hole tells nobody; a close times out") {
  Pair pair;
  pair.loop.run_until_idle();
  pair.network.black_hole(0);
  pair.client.transport->send(to_bytes("1"));
  pair.client.transport->close();
  pair.loop.advance(seconds(1));
  CHECK(pair.client.log == "open ");
  pair.loop.advance(seconds(10));
  CHECK(pair.client.log == "open closed ");
  CHECK(pair.server.log == "open ");
}

TEST_CASE("an end that does not read gets everything later") {
  Pair pair;
  pair.loop.run_until_idle();
  pair.server.transport->set_reading(false);
  pair.client.transport->send(to_bytes("1"));
  pair.client.transport->close();
  pair.loop.advance(seconds(1));
  CHECK(pair.server.log == "open ");
  pair.server.transport->set_reading(true);
  pair.loop.run_until_idle();
  CHECK(pair.server.log == "open 1 closed ");
}

TEST_CASE("messages are recorded on demand") {
  Pair pair;
  pair.network.set_recording(true);
  pair.loop.run_until_idle();
  pair.client.transport->send(to_bytes("1"));
  pair.server.transport->send(to_bytes("2"));
  REQUIRE(pair.network.records().size() == 2);
  CHECK(pair.network.records()[0].is_from_client);
  CHECK_FALSE(pair.network.records()[1].is_from_client);
}
