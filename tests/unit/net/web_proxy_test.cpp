#include <stdlib.h>

#include "daemon/net/web_client.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/net/blocking_client.h"
#include "tests/unit/net/socks_server.h"

namespace konekwa::net {
namespace {

using test::LoopbackServer;
using test::SocksServer;
using Client = test::BlockingClient;

std::string ok(const std::string&) { return LoopbackServer::response(200, "by the proxy"); }

// Only public addresses are dialled for this client, so that what answers on loopback is the proxy.
Result<WebResponse> get(const std::string& url, const std::string& proxy_url, std::vector<std::string> allowed = {}) {
  WebRequest request;
  request.method = "GET";
  request.url = url;
  request.proxy_url = proxy_url;
  return Client(std::move(allowed)).fetch(request);
}

std::string proxy_url(const std::string& scheme, int port) { return scheme + "127.0.0.1:" + std::to_string(port); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("an HTTP proxy is asked for the URL, by name and with the credentials") {
  LoopbackServer proxy(ok);
  const std::string through = proxy_url("http://Aladdin:open%20sesame@", proxy.port());
  const auto answer = get("http://web.whatsapp.invalid/sw.js", through);
  REQUIRE(answer);
  CHECK(answer->body == "by the proxy");
  REQUIRE(proxy.requests().size() == 1);
  CHECK(has(proxy.requests()[0], "GET http://web.whatsapp.invalid/sw.js HTTP/1.1\r\n"));
  CHECK(has(proxy.requests()[0], "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
}

TEST_CASE("for https a tunnel is asked for, and a refusal is the proxy's failure") {
  LoopbackServer proxy([](const std::string&) {
    return LoopbackServer::response(407, "", "Proxy-Authenticate: Basic\r\n");
  });
  const auto answer = get("https://web.whatsapp.invalid/sw.js", proxy_url("http://user:hunter2@", proxy.port()));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::PROXY_ERROR);
  CHECK(has(answer.error().details, "HTTP 407"));
  CHECK_FALSE(has(answer.error().text(), "hunter2"));
  CHECK(has(proxy.requests().at(0), "CONNECT web.whatsapp.invalid:443 HTTP/1.1\r\n"));
}

TEST_CASE("a SOCKS5 proxy resolves the name, under either scheme") {
  const std::string scheme = GENERATE("socks5://", "socks5h://");
  SocksServer proxy;
  const auto answer = get("http://web.whatsapp.invalid/sw.js", proxy_url(scheme + "us%20er:p%40ss@", proxy.port()));
  REQUIRE(answer);
  CHECK(answer->body == "from behind");
  CHECK(proxy.targets() == std::vector<std::string>{"us er:p@ss@web.whatsapp.invalid:80"});
  REQUIRE(get("http://web.whatsapp.invalid:8080/", proxy_url(scheme, proxy.port())));
  CHECK(proxy.targets().at(1) == "web.whatsapp.invalid:8080");
}

TEST_CASE("a proxy that fails is told as such, and there is no direct connection") {
  LoopbackServer target(ok);
  const std::vector<std::string> allowed = {"127.0.0.1"};
  SECTION("it refuses") {
    SocksServer proxy(5);
    const auto answer = get(target.url(), proxy_url("socks5://user:hunter2@", proxy.port()), allowed);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::PROXY_ERROR);
    CHECK_FALSE(has(answer.error().text(), "hunter2"));
  }
  SECTION("nobody listens") {
    const auto answer = get(target.url(), "http://127.0.0.1:1", allowed);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::PROXY_ERROR);
    CHECK(answer.error().details == "Connection refused");
  }
  SECTION("no such host") {
    CHECK(get(target.url(), "socks5://proxy.invalid", allowed).error().code == ErrorCode::PROXY_ERROR);
  }
  SECTION("no URL of a proxy") {
    const auto answer = get(target.url(), "socks4://user:hunter2@127.0.0.1", allowed);
    CHECK(answer.error().code == ErrorCode::PROXY_ERROR);
    CHECK_FALSE(has(answer.error().text(), "hunter2"));
  }
  CHECK(target.requests().empty());
}

TEST_CASE("the environment cannot lead past the proxy") {
  LoopbackServer proxy(ok);
  ::setenv("no_proxy", "*", 1);
  const auto answer = get("http://web.whatsapp.invalid/", proxy_url("http://", proxy.port()));
  ::unsetenv("no_proxy");
  CHECK(answer);
}

TEST_CASE("a proxy is not asked for what is plainly not public") {
  LoopbackServer proxy(ok);
  for (const std::string host :
       {"127.0.0.1", "localhost", "LOCALHOST.", "db.localhost", "2130706433", "0x7f.1", "10.0.0.5", "169.254.169.254",
        "[::1]", "[::ffff:127.0.0.1]", "[fd00::5]"}) {
    INFO(host);
    const auto answer = get("http://" + host + "/", proxy_url("http://", proxy.port()));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::NETWORK);
    CHECK(has(answer.error().details, "public internet"));
  }
  CHECK_FALSE(get("http://web.whatsapp.invalid:25/", proxy_url("http://", proxy.port())));
  CHECK(proxy.requests().empty());
  CHECK(get("http://localhost:25/", proxy_url("http://", proxy.port()), {"localhost"}));
  CHECK(get("http://10.0.0.5:25/", proxy_url("http://", proxy.port()), {"10.0.0.0/8"}));
}

TEST_CASE("a redirect stays behind the proxy") {
  LoopbackServer proxy([](const std::string& request) {
    if (has(request, "/there")) return ok(request);
    return LoopbackServer::response(302, "", "Location: http://web.whatsapp.invalid/there\r\n");
  });
  WebRequest request;
  request.url = "http://web.whatsapp.invalid/";
  request.proxy_url = proxy_url("http://", proxy.port());
  request.follow_redirects = true;
  CHECK(Client({"web.whatsapp.invalid"}).fetch(request)->status == 200);
  CHECK(proxy.requests().size() == 2);
}

TEST_CASE("each fetch through a proxy shows its own credentials") {
  SocksServer proxy;
  Client client(std::vector<std::string>{});
  for (const std::string user : {"one", "two"}) {
    WebRequest request;
    request.url = "http://web.whatsapp.invalid/";
    request.proxy_url = proxy_url("socks5://" + user + ":pw@", proxy.port());
    REQUIRE(client.fetch(request));
  }
  CHECK(proxy.targets().at(0).substr(0, 4) == "one:");
  CHECK(proxy.targets().at(1).substr(0, 4) == "two:");
}

}  // namespace
}  // namespace konekwa::net
