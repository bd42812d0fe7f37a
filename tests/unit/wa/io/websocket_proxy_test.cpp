#include "daemon/wa/io/websocket.h"

#include <catch2/catch.hpp>

#include <fstream>

#include "tests/support/temp_dir.h"
#include "tests/unit/wa/io/fake_proxy.h"
#include "tests/unit/wa/io/local_server.h"
#include "tests/unit/wa/io/transport_client.h"

using namespace konekwa;
using konekwa::test::FakeProxy;
using konekwa::test::LocalServer;
using konekwa::test::Net;

namespace {

// Exists nowhere (RFC 6761), so a client that looks it up gets no further.
constexpr const char* kName = "web.whatsapp.invalid";

LocalServer::Options target_options(bool is_tls) {
  LocalServer::Options options;
  options.is_tls = is_tls;
  options.certificate_host = kName;
  return options;
}

enum class Kind { Http, Https, Socks };

FakeProxy::Options proxy_options(Kind kind, int target_port) {
  FakeProxy::Options options;
  options.is_socks = kind == Kind::Socks;
  options.is_tls = kind == Kind::Https;
  options.target_port = target_port;
  return options;
}

// The authorities of both, in one file.
std::string joined(const test::TempDir& folder, const LocalServer& server, const FakeProxy& proxy) {
  const std::string path = folder.file("authorities.pem");
  std::ofstream out(path);
  for (const std::string& file : {server.ca_file(), proxy.ca_file()}) {
    if (!file.empty()) out << std::ifstream(file).rdbuf();
  }
  return path;
}

wa::Endpoint endpoint_through(const std::string& proxy_url, bool is_tls = false, const std::string& ca_file = {}) {
  return {std::string(is_tls ? "wss://" : "ws://") + kName + "/ws/chat", {}, ca_file, proxy_url};
}

// What a transport through this proxy ends with. The server, which is where its target is, sees nothing.
Error failure_of(Net& net, const LocalServer& server, const std::string& proxy_url, const std::string& ca_file = {}) {
  net.connect({server.url(), {}, ca_file, proxy_url});
  CHECK(net.client.closed.empty());
  REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
  net.settle();
  CHECK(net.client.closed.size() == 1);
  CHECK_FALSE(net.client.is_open);
  CHECK(server.clients_accepted() == 0);
  return net.client.closed.front();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("messages go through a proxy to a name that only the proxy knows, and back") {
  const Kind kind = GENERATE(Kind::Http, Kind::Https, Kind::Socks);
  const bool is_tls = GENERATE(false, true);
  const bool has_credentials = GENERATE(false, true);
  Net net;
  const LocalServer server(net.loop, target_options(is_tls));
  auto options = proxy_options(kind, server.port());
  if (has_credentials) options.user = "us er", options.password = "p@ss:word/%";
  const FakeProxy proxy(net.loop, options);
  const test::TempDir folder;
  const std::string credentials = has_credentials ? "us%20er:p%40ss:word%2F%25" : "";
  net.connect(endpoint_through(proxy.url(credentials), is_tls, joined(folder, server, proxy)));
  REQUIRE(net.run_until([&] { return net.client.is_open || !net.client.closed.empty(); }));
  REQUIRE(net.client.is_open);
  const std::string how = kind == Kind::Socks ? "name " : "connect ";
  CHECK(proxy.targets() == std::vector<std::string>{how + kName + (is_tls ? ":443" : ":80")});

  const Bytes large(3'000'000, 0x5a);
  net.client.transport->send(to_bytes("one"));
  net.client.transport->send(large);
  net.client.transport->send(to_bytes("three"));
  REQUIRE(net.run_until([&] { return net.client.messages.size() == 3; }));
  CHECK(net.client.messages[0] == to_bytes("one"));
  CHECK(net.client.messages[1] == large);
  CHECK(net.client.messages[2] == to_bytes("three"));

  net.client.transport->close();
  REQUIRE(net.run_until([&] { return !net.client.closed.empty() && server.clients_ended() == 1; }));
  CHECK(net.client.closed.size() == 1);
}

TEST_CASE("an address goes to a SOCKS proxy as an address") {
  Net net;
  const LocalServer server(net.loop, target_options(false));
  const FakeProxy proxy(net.loop, proxy_options(Kind::Socks, server.port()));
  net.connect({server.url(), {}, "", proxy.url()});
  REQUIRE(net.run_until([&] { return net.client.is_open; }));
  CHECK(proxy.targets() == std::vector<std::string>{"ipv4 127.0.0.1:" + std::to_string(server.port())});
}

TEST_CASE("a proxy that does not take the credentials ends the transport, without a word of the password") {
  const Kind kind = GENERATE(Kind::Http, Kind::Socks);
  Net net;
  const LocalServer server(net.loop, target_options(false));
  auto options = proxy_options(kind, server.port());
  options.user = "user";
  options.password = "right";
  const FakeProxy proxy(net.loop, options);
  const std::string credentials = GENERATE("user:hunter2", "");
  const Error why = failure_of(net, server, proxy.url(credentials));
  CHECK(why.code == ErrorCode::PROXY_ERROR);
  CHECK(has(why.text(), "127.0.0.1:"));
  CHECK(has(why.text(), credentials.empty() ? "wants a user and a password" : "does not accept the user and password"));
  CHECK_FALSE(has(why.text(), "hunter2"));
}

TEST_CASE("whatever a proxy does wrong, the target is not dialled in its place") {
  Net net;
  const LocalServer server(net.loop, target_options(false));
  const Kind kind = GENERATE(Kind::Http, Kind::Socks);
  auto options = proxy_options(kind, server.port());
  std::string said;
  SECTION("the target is refused") {
    options.target_port = 1;
    said = kind == Kind::Http ? "HTTP 502" : "SOCKS error 5";
  }
  SECTION("half an answer") {
    options.script = {kind == Kind::Http ? "HTTP/1.1 200 OK\r\nVia: " : "\5"};
    options.hangs_up = true;
    said = "hung up";
  }
  SECTION("half an answer to the request") {
    if (kind == Kind::Http) return;
    options.script = {std::string("\5\0", 2), std::string("\5\0\0\1\0", 5)};
    options.hangs_up = true;
    said = "hung up";
  }
  SECTION("garbage") {
    options.script = {"SSH-2.0-OpenSSH_9.2\r\n"};
    said = kind == Kind::Http ? "not HTTP" : "not SOCKS5";
  }
  SECTION("the other protocol") {
    options.is_socks = !options.is_socks;
    options.script = {options.is_socks ? std::string("\5\xff") : "HTTP/1.0 400 Bad Request\r\n\r\n"};
    said = kind == Kind::Http ? "not HTTP" : "not SOCKS5";
  }
  const FakeProxy proxy(net.loop, options);
  std::string url = proxy.url();
  url.replace(0, url.find(':'), kind == Kind::Http ? "http" : "socks5");
  const Error why = failure_of(net, server, url);
  CHECK(why.code == ErrorCode::PROXY_ERROR);
  INFO(why.text());
  CHECK(has(why.text(), said));
}

TEST_CASE("a proxy that is not there, or no proxy, does not lead to a direct connection") {
  Net net;
  const LocalServer server(net.loop, target_options(false));
  std::string url;
  SECTION("nobody listens") {
    {
      const FakeProxy gone(net.loop, {});
      url = gone.url("user:hunter2");
    }
    net.settle();
  }
  SECTION("no such host") { url = "socks5://user:hunter2@proxy.invalid"; }
  SECTION("no URL of a proxy") { url = "socks4://user:hunter2@127.0.0.1"; }
  SECTION("a name that cannot be said") {
    url = "socks5://user:hunter2@127.0.0.1:9";
    net.connect({"ws://" + std::string(256, 'a') + "/", {}, "", url});
    REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
    CHECK(has(net.client.closed.front().text(), "too long"));
    net.client.closed.clear();
  }
  const Error why = failure_of(net, server, url);
  CHECK(why.code == ErrorCode::PROXY_ERROR);
  CHECK_FALSE(has(why.text(), "hunter2"));
}

TEST_CASE("a proxy has so much time and no more") {
  const Kind kind = GENERATE(Kind::Http, Kind::Https, Kind::Socks);
  Net net;
  net.connector = wa::io::make_websocket_connector(net.loop, milliseconds(50));
  const LocalServer server(net.loop, target_options(false));
  auto options = proxy_options(kind, server.port());
  const bool says_something = GENERATE(false, true);
  options.script = {!says_something ? "" : kind == Kind::Socks ? std::string("\5\0", 2) : "HTTP/1.1 2"};
  const FakeProxy proxy(net.loop, options);
  const Error why = failure_of(net, server, proxy.url(), proxy.ca_file());
  CHECK(why.code == ErrorCode::PROXY_ERROR);
  CHECK(has(why.text(), "in time"));
}

TEST_CASE("an https proxy must show a certificate that is trusted") {
  Net net;
  const LocalServer server(net.loop, target_options(false));
  const FakeProxy proxy(net.loop, proxy_options(Kind::Https, server.port()));
  const Error why = failure_of(net, server, proxy.url());
  CHECK(why.code == ErrorCode::PROXY_ERROR);
  CHECK(has(why.text(), "not trusted"));
}

TEST_CASE("the certificate of the target is judged through a proxy as well") {
  const Kind kind = GENERATE(Kind::Http, Kind::Https, Kind::Socks);
  Net net;
  const LocalServer server(net.loop, target_options(true));
  const FakeProxy proxy(net.loop, proxy_options(kind, server.port()));
  const LocalServer other(net.loop, target_options(true));
  const test::TempDir folder;
  net.connect(endpoint_through(proxy.url(), true, joined(folder, other, proxy)));
  REQUIRE(net.run_until([&] { return !net.client.closed.empty(); }));
  CHECK(net.client.closed[0].code == ErrorCode::UNTRUSTED);
}

TEST_CASE("a transport through a proxy may be destroyed at any moment") {
  const Kind kind = GENERATE(Kind::Http, Kind::Https, Kind::Socks);
  for (int turns = 0; turns < 40; ++turns) {
    Net net;
    const LocalServer server(net.loop, target_options(true));
    const FakeProxy proxy(net.loop, proxy_options(kind, server.port()));
    const test::TempDir folder;
    net.connect(endpoint_through(proxy.url(), true, joined(folder, server, proxy)));
    net.client.transport->send(to_bytes("early"));
    for (int i = 0; i < turns * 3; ++i) net.turn(milliseconds(1));
    if (turns % 3 == 0) net.client.transport->close();
    net.client.transport.reset();
    const auto told = net.client.messages.size() + net.client.closed.size();
    if (turns % 2 == 0) net.settle(milliseconds(5));
    CHECK(net.client.messages.size() + net.client.closed.size() == told);
  }
}
