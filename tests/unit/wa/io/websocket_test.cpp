#include "daemon/wa/io/websocket.h"

#include <catch2/catch.hpp>

#include "tests/unit/wa/io/local_server.h"
#include "tests/unit/wa/io/transport_client.h"

using namespace konekwa;
using konekwa::test::Client;
using konekwa::test::LocalServer;
using konekwa::test::Net;
using wa::io::AsioLoop;

namespace {

LocalServer::Options options(bool is_tls) {
  LocalServer::Options options;
  options.is_tls = is_tls;
  return options;
}

}  // namespace

TEST_CASE("messages go to a server and back, plain and over TLS") {
  const bool is_tls = GENERATE(false, true);
  Net net;
  const LocalServer server(net.loop, options(is_tls));
  net.connect(server);
  REQUIRE(net.run_until([&] { return net.client.is_open; }));
  CHECK(server.origin() == "https://web.whatsapp.com");
  CHECK(server.target() == "/ws/chat");

  const Bytes large(3'000'000, 0x5a);
  net.client.transport->send(to_bytes("one"));
  net.client.transport->send(large);
  net.client.transport->send({});
  net.client.transport->send(to_bytes("three"));
  REQUIRE(net.run_until([&] { return net.client.messages.size() == 4; }));
  CHECK(net.client.messages[0] == to_bytes("one"));
  CHECK(net.client.messages[1] == large);
  CHECK(net.client.messages[2].empty());
  CHECK(net.client.messages[3] == to_bytes("three"));
  CHECK(net.client.closed.empty());
}

TEST_CASE("closing flushes first and tells once") {
  const bool is_tls = GENERATE(false, true);
  Net net;
  const LocalServer server(net.loop, options(is_tls));
  net.connect(server);
  REQUIRE(net.run_until([&] { return net.client.is_open; }));
  net.client.transport->send(Bytes(1'000'000));
  net.client.transport->close();
  net.client.transport->send(to_bytes("ignored"));
  CHECK(net.client.closed.empty());
  REQUIRE(net.run_until([&] { return !net.client.closed.empty() && server.clients_ended() == 1; }));
  net.settle();
  CHECK(net.client.closed.size() == 1);
}

TEST_CASE("a server's close is told") {
  const bool is_tls = GENERATE(false, true);
  Net net;
  const LocalServer server(net.loop, options(is_tls));
  net.connect(server);
  REQUIRE(net.run_until([&] { return net.client.is_open; }));
  net.client.transport->send(to_bytes("close me"));
  REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
  CHECK(net.client.closed[0].code == ErrorCode::NETWORK);
  CHECK(net.client.closed[0].details.find("1001") != std::string::npos);
  CHECK(net.run_until([&] { return server.clients_ended() == 1; }));
}

TEST_CASE("text messages are not for us") {
  Net net;
  const LocalServer server(net.loop, options(false));
  net.connect(server);
  REQUIRE(net.run_until([&] { return net.client.is_open; }));
  net.client.transport->send(to_bytes("text"));
  net.client.transport->send(to_bytes("binary"));
  REQUIRE(net.run_until([&] { return !net.client.messages.empty(); }));
  CHECK(net.client.messages[0] == to_bytes("binary"));
}

TEST_CASE("while reading is off nothing is delivered, and nothing is lost") {
  Net net;
  const LocalServer server(net.loop, options(false));
  net.connect(server);
  REQUIRE(net.run_until([&] { return net.client.is_open; }));
  net.client.on_message = [&] {
    if (net.client.messages.size() == 1) net.client.transport->set_reading(false);
  };
  for (const char* text : {"1", "2", "3"}) net.client.transport->send(to_bytes(text));
  net.settle();
  CHECK(net.client.messages.size() == 1);
  net.client.transport->set_reading(true);
  net.client.transport->set_reading(false);
  net.settle();
  CHECK(net.client.messages.size() == 1);
  net.client.transport->set_reading(true);
  REQUIRE(net.run_until([&] { return net.client.messages.size() == 3; }));
  CHECK(net.client.messages[2] == to_bytes("3"));
}

TEST_CASE("a transport may be destroyed at any moment") {
  const bool is_tls = GENERATE(false, true);
  for (int turns = 0; turns < 40; ++turns) {
    Net net;
    const LocalServer server(net.loop, options(is_tls));
    net.connect(server);
    net.client.transport->send(to_bytes("early"));
    for (int i = 0; i < turns; ++i) net.turn(milliseconds(2));
    if (turns % 2 == 0) net.client.transport->close();
    net.client.transport.reset();
    const auto told = net.client.messages.size() + net.client.closed.size();
    net.settle(milliseconds(5));
    CHECK(net.client.messages.size() + net.client.closed.size() == told);
  }
}

TEST_CASE("a transport may be destroyed by its own callback") {
  Net net;
  const LocalServer server(net.loop, options(true));
  net.connect(server);
  net.client.on_message = [&] { net.client.transport.reset(); };
  net.client.transport->send(to_bytes("1"));
  net.client.transport->send(to_bytes("2"));
  REQUIRE(net.run_until([&] { return !net.client.messages.empty(); }));
  net.settle();
  CHECK(net.client.messages.size() == 1);
  CHECK(net.client.closed.empty());
}

TEST_CASE("a loop may go before what runs on it") {
  auto loop = std::make_unique<AsioLoop>();
  auto connector = wa::io::make_websocket_connector(*loop);
  const auto server = std::make_unique<LocalServer>(*loop, options(true));
  Client client;
  client.transport = connector->connect({server->url(), {}, server->ca_file()}, client);
  for (int i = 0; i < 8; ++i) loop->context().run_one_for(milliseconds(5));
  client.transport.reset();
  connector.reset();
}

TEST_CASE("a certificate that leads nowhere is not trusted") {
  Net net;
  const LocalServer server(net.loop, options(true));
  SECTION("by the system's authorities") { net.connect(server.url()); }
  SECTION("by another authority") {
    const LocalServer other(net.loop, options(true));
    net.connect(server.url(), other.ca_file());
  }
  SECTION("for another host") {
    auto elsewhere = options(true);
    elsewhere.certificate_host = "127.0.0.2";
    const LocalServer other(net.loop, elsewhere);
    net.connect(other.url(), other.ca_file());
    net.run_until([&] { return !net.client.closed.empty(); });
  }
  SECTION("when the file of authorities is not there") { net.connect(server.url(), "/nonexistent/ca.pem"); }
  REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
  CHECK(net.client.closed[0].code == ErrorCode::UNTRUSTED);
  CHECK_FALSE(net.client.is_open);
  net.settle();
  CHECK(net.client.closed.size() == 1);
}

TEST_CASE("a connection that cannot be made is closed, later and with a reason") {
  Net net;
  SECTION("nobody listens") {
    std::string url;
    {
      const LocalServer gone(net.loop, options(false));
      url = gone.url();
    }
    net.settle();
    net.connect(url);
  }
  SECTION("no such host") { net.connect("ws://host.invalid/"); }
  SECTION("no URL") { net.connect("http://host/"); }
  CHECK(net.client.closed.empty());
  REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
  CHECK_FALSE(net.client.closed[0].details.empty());
  net.settle();
  CHECK(net.client.closed.size() == 1);
}

TEST_CASE("a refused upgrade says with which status") {
  Net net;
  auto refusing = options(false);
  refusing.http_status = 403;
  const LocalServer server(net.loop, refusing);
  net.connect(server);
  REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
  CHECK(net.client.closed[0].details.find("403") != std::string::npos);
}

TEST_CASE("closing before the connection is there ends it") {
  Net net;
  const LocalServer server(net.loop, options(false));
  net.connect(server);
  net.client.transport->close();
  REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
  net.settle();
  CHECK_FALSE(net.client.is_open);
  CHECK(net.client.closed.size() == 1);
}
