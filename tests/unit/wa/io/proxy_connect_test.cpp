#include "daemon/wa/io/proxy_connect.h"

#include <catch2/catch.hpp>

#include "daemon/wa/io/tls_client.h"
#include "tests/unit/wa/io/fake_proxy.h"
#include "tests/unit/wa/io/local_server.h"
#include "tests/unit/wa/io/transport_client.h"

using namespace konekwa;
using konekwa::test::FakeProxy;
using konekwa::test::LocalServer;
using konekwa::test::Net;
using wa::io::ProxyConnect;
using wa::io::TlsStream;
using wa::io::Tunnel;

TEST_CASE("what the target says in one packet with the proxy's answer is left for who comes next") {
  const bool is_socks = GENERATE(false, true);
  const bool is_tls = GENERATE(false, true);
  if (is_socks && is_tls) return;
  Net net;
  const LocalServer server(net.loop, {});
  FakeProxy::Options options;
  options.is_socks = is_socks;
  options.is_tls = is_tls;
  options.target_port = server.port();
  options.early = "\r\n\r\nfirst words";
  const FakeProxy proxy(net.loop, options);
  wa::io::TlsClient tls;
  ProxyConnect::Options wanted{*parse_proxy_url(proxy.url()), nullptr};
  if (is_tls) wanted.tls = *tls.make("127.0.0.1", proxy.ca_file());

  std::optional<Tunnel> tunnel;
  const auto connect = std::make_shared<ProxyConnect>(net.loop, std::move(wanted), [&](Result<Tunnel> made) {
    REQUIRE(made);
    tunnel = std::move(*made);
  });
  connect->start("target.invalid", "443");
  REQUIRE(net.run_until([&] { return tunnel.has_value(); }));

  std::string heard(100, ' ');
  std::optional<std::size_t> size;
  const auto on_read = [&](boost::system::error_code error, std::size_t octets) {
    REQUIRE_FALSE(error);
    size = octets;
  };
  std::optional<TlsStream> secured;
  if (is_tls) {
    secured.emplace(std::move(tunnel->socket), std::move(tunnel->tls));
    secured->async_read_some(boost::asio::buffer(heard), on_read);
  } else {
    tunnel->socket.async_read_some(boost::asio::buffer(heard), on_read);
  }
  REQUIRE(net.run_until([&] { return size.has_value(); }));
  CHECK(heard.substr(0, *size) == options.early);
}

TEST_CASE("a connection that is called off is not told of") {
  for (int turns = 0; turns < 8; ++turns) {
    Net net;
    const LocalServer server(net.loop, {});
    FakeProxy::Options options;
    options.target_port = server.port();
    const FakeProxy proxy(net.loop, options);
    int told = 0;
    ProxyConnect::Options wanted{*parse_proxy_url(proxy.url()), nullptr};
    const auto connect = std::make_shared<ProxyConnect>(net.loop, std::move(wanted),
                                                        [&](const Result<Tunnel>&) { ++told; });
    connect->start("target.invalid", "443");
    for (int i = 0; i < turns; ++i) net.turn(milliseconds(2));
    const int before = told;
    connect->cancel();
    net.settle(milliseconds(5));
    CHECK(told == before);
  }
}
