#include "daemon/wa/io/connection.h"

#include <catch2/catch.hpp>

#include "daemon/wa/frame.h"
#include "tests/support/manual_loop.h"
#include "tests/support/memory_transport.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;
using konekwa::test::ManualLoop;
using konekwa::test::MemoryNetwork;
using konekwa::test::SeededRandom;
using wa::io::Connection;

namespace {

struct End : Connection::Handler {
  std::unique_ptr<Connection> connection;
  Key peer{};
  Bytes payload;
  std::string log;
  std::function<void(const Node&)> on_node;
  std::function<void()> on_ready, on_closed;

  void on_connection_ready(const Key& peer_static_key, Bytes client_payload) override {
    peer = peer_static_key;
    payload = std::move(client_payload);
    log += "ready ";
    if (on_ready) on_ready();
  }
  void on_connection_node(Node node) override {
    log += node.tag + " ";
    if (on_node) on_node(node);
  }
  void on_connection_closed(Error why) override {
    log += std::string(konekwa::to_string(why.code)) + " ";
    if (on_closed) on_closed();
  }
};

struct Wire {
  ManualLoop loop;
  SeededRandom random{7};
  MemoryNetwork network{loop};
  KeyPair root = generate_key_pair(random);
  KeyPair client_key = generate_key_pair(random);
  ServerIdentity identity = issue_server_identity(root, generate_key_pair(random), loop.now(), random);
  End client, server;

  Wire() {
    network.set_accept([this](const MemoryNetwork::MakeTransport& make) {
      server.connection = Connection::accept(loop, random, identity, make, server);
    });
  }

  Connection::ClientOptions options() {
    Connection::ClientOptions options;
    options.endpoint = {"ws://sandbox", root.public_key, ""};
    options.noise_key = client_key;
    options.client_payload = to_bytes("payload");
    return options;
  }
  void connect(Connection::ClientOptions with) {
    client.connection = Connection::connect(loop, random, network, std::move(with), client);
  }
  void connect() { connect(options()); }
  void link() {
    connect();
    loop.run_until_idle();
    REQUIRE(client.log == "ready ");
    REQUIRE(server.log == "ready ");
  }
};

}  // namespace

TEST_CASE("both ends become ready and know each other") {
  Wire wire;
  wire.link();
  CHECK(wire.client.peer == wire.identity.static_key.public_key);
  CHECK(wire.client.payload.empty());
  CHECK(wire.server.peer == wire.client_key.public_key);
  CHECK(wire.server.payload == to_bytes("payload"));
}

TEST_CASE("routing info is sent and skipped") {
  Wire wire;
  wire.network.set_recording(true);
  auto options = wire.options();
  options.routing_info = to_bytes("near");
  wire.connect(options);
  wire.loop.run_until_idle();
  CHECK(wire.server.log == "ready ");
  CHECK(to_hex(wire.network.records().at(0).message).starts_with("45440001" "000004" "6e656172" "57410603"));
}

TEST_CASE("nodes go both ways in order, each in one message") {
  Wire wire;
  wire.link();
  wire.network.set_recording(true);
  for (const char* tag : {"a", "b", "c"}) wire.client.connection->send(Node(tag));
  wire.server.connection->send(Node("d"));
  wire.loop.run_until_idle();
  CHECK(wire.server.log == "ready a b c ");
  CHECK(wire.client.log == "ready d ");
  CHECK(wire.network.records().size() == 4);
}

TEST_CASE("a server of another root is not trusted") {
  Wire wire;
  auto options = wire.options();
  options.endpoint.root_key = generate_key_pair(wire.random).public_key;
  wire.connect(options);
  wire.loop.run_until_idle();
  CHECK(wire.client.log == "UNTRUSTED ");
  CHECK(wire.server.log == "NETWORK ");
}

TEST_CASE("a server whose certificates have expired is not trusted") {
  Wire wire;
  wire.loop.advance(hours(24) * 3651);
  wire.connect();
  wire.loop.run_until_idle();
  CHECK(wire.client.log == "UNTRUSTED ");
}

TEST_CASE("a server that does not answer times out") {
  Wire wire;
  wire.network.set_latency([] { return hours(1); });
  wire.connect();
  wire.loop.advance(milliseconds(19'999));
  CHECK(wire.client.log.empty());
  wire.loop.advance(milliseconds(1));
  CHECK(wire.client.log == "TIMEOUT ");
}

TEST_CASE("a client that does not finish times out") {
  Wire wire;
  struct Silent : wa::io::Transport::Handler {
    void on_transport_open() override {}
    void on_transport_message(Bytes) override {}
    void on_transport_closed(Error) override {}
  } silent;
  const auto transport = wire.network.connect({}, silent);
  wire.loop.advance(seconds(20));
  CHECK(wire.server.log == "TIMEOUT ");
}

TEST_CASE("a refused connection is closed") {
  Wire wire;
  wire.network.set_refusing(true);
  wire.connect();
  wire.loop.run_until_idle();
  CHECK(wire.client.log == "NETWORK ");
}

TEST_CASE("a handshake that is no handshake ends the server's connection") {
  Wire wire;
  struct Rude : wa::io::Transport::Handler {
    wa::io::Transport* transport = nullptr;
    void on_transport_open() override { transport->send(to_bytes("GET / HTTP/1.1")); }
    void on_transport_message(Bytes) override {}
    void on_transport_closed(Error) override {}
  } rude;
  const auto transport = wire.network.connect({}, rude);
  rude.transport = transport.get();
  wire.loop.run_until_idle();
  CHECK(wire.server.log == "PROTOCOL ");
}

TEST_CASE("a frame that does not decrypt ends the connection") {
  Wire wire;
  wa::io::Transport::Handler* client_side = nullptr;
  struct Tap : wa::io::Connector {
    MemoryNetwork& network;
    wa::io::Transport::Handler*& tapped;
    Tap(MemoryNetwork& n, wa::io::Transport::Handler*& t) : network(n), tapped(t) {}
    std::unique_ptr<wa::io::Transport> connect(const Endpoint& endpoint, wa::io::Transport::Handler& handler) override {
      tapped = &handler;
      return network.connect(endpoint, handler);
    }
  } tap(wire.network, client_side);
  wire.client.connection = Connection::connect(wire.loop, wire.random, tap, wire.options(), wire.client);
  wire.loop.run_until_idle();
  REQUIRE(wire.client.log == "ready ");
  client_side->on_transport_message(frame(Bytes(40)));
  CHECK(wire.client.log == "ready PROTOCOL ");
  wire.loop.run_until_idle();
  CHECK(wire.server.log == "ready NETWORK ");
}

TEST_CASE("closing flushes, and both ends hear of it once") {
  Wire wire;
  wire.link();
  wire.client.connection->send(Node("last"));
  wire.client.connection->close();
  wire.client.connection->close();
  wire.client.connection->send(Node("ignored"));
  wire.loop.advance(seconds(30));
  CHECK(wire.server.log == "ready last NETWORK ");
  CHECK(wire.client.log == "ready NETWORK ");
  wire.client.connection->send(Node("ignored"));
  wire.client.connection->close();
  wire.client.connection->set_reading(false);
}

TEST_CASE("nothing is delivered while reading is off") {
  Wire wire;
  wire.link();
  wire.server.on_node = [&](const Node& node) {
    if (node.tag == "b") wire.server.connection->set_reading(false);
  };
  for (const char* tag : {"a", "b", "c"}) wire.client.connection->send(Node(tag));
  wire.loop.run_until_idle();
  CHECK(wire.server.log == "ready a b ");
  wire.server.connection->set_reading(true);
  wire.loop.run_until_idle();
  CHECK(wire.server.log == "ready a b c ");
}

TEST_CASE("frames that came in one message wait as well while reading is off") {
  Wire wire;
  wire.link();
  wire.network.set_recording(true);
  wire.network.set_latency([] { return seconds(1); });
  for (const char* tag : {"a", "b", "c"}) wire.client.connection->send(Node(tag));
  const auto records = wire.network.records();
  wire.network.cut_all();  // the frames travel below, joined

  Bytes joined;
  for (const auto& record : records) append(joined, record.message);
  auto* receiver = dynamic_cast<wa::io::Transport::Handler*>(wire.server.connection.get());
  REQUIRE(receiver);
  wire.server.on_node = [&](const Node& node) { wire.server.connection->set_reading(node.tag != "a"); };
  receiver->on_transport_message(joined);
  CHECK(wire.server.log == "ready a ");
  wire.server.connection->set_reading(true);
  CHECK(wire.server.log == "ready a ");  // never from inside a call
}

TEST_CASE("a handler may destroy the connection inside any callback") {
  Wire wire;
  SECTION("ready") {
    wire.client.on_ready = [&] { wire.client.connection.reset(); };
    wire.connect();
    wire.loop.run_until_idle();
    CHECK(wire.client.log == "ready ");
    CHECK(wire.server.log == "ready NETWORK ");
  }
  SECTION("node") {
    wire.link();
    wire.server.on_node = [&](const Node&) { wire.server.connection.reset(); };
    wire.client.connection->send(Node("a"));
    wire.client.connection->send(Node("b"));
    wire.loop.run_until_idle();
    CHECK(wire.server.log == "ready a ");
    CHECK(wire.client.log == "ready NETWORK ");
  }
  SECTION("closed") {
    wire.link();
    wire.client.on_closed = [&] { wire.client.connection.reset(); };
    wire.network.cut_all();
    wire.loop.run_until_idle();
    CHECK(wire.client.log == "ready NETWORK ");
  }
}

TEST_CASE("a client skips a stanza it cannot read, a server does not") {
  Wire wire;
  wire.link();
  const Node too_deep = [] {
    Node node("leaf");
    for (int i = 0; i < 40; ++i) node = Node("a", {}, Node::Children{node});
    return node;
  }();
  wire.server.connection->send(too_deep);
  wire.server.connection->send(Node("next"));
  wire.loop.run_until_idle();
  CHECK(wire.client.log == "ready next ");
  wire.client.connection->send(too_deep);
  wire.loop.run_until_idle();
  CHECK(wire.server.log == "ready PROTOCOL ");
}

TEST_CASE("what was received last is known") {
  Wire wire;
  wire.link();
  wire.loop.advance(seconds(10));
  const auto at = wire.loop.now();
  wire.server.connection->send(Node("a"));
  wire.loop.run_until_idle();
  wire.loop.advance(seconds(10));
  CHECK(wire.client.connection->last_received_at() == at);
}
