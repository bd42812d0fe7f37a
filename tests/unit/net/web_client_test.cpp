#include "daemon/net/web_client.h"

#include <stdlib.h>

#include "tests/support/loopback_server.h"
#include "tests/unit/net/blocking_client.h"

namespace konekwa::net {
namespace {

using test::LoopbackServer;
using Client = test::BlockingClient;

std::string ok(const std::string&) { return LoopbackServer::response(200, "fine"); }

TEST_CASE("a POST carries its headers and body, and nothing that was not asked for") {
  LoopbackServer server(ok);
  Client client;
  WebRequest request;
  request.url = server.url("/hook?x=1");
  request.headers = {{"Content-Type", "application/json"}, {"webhook-id", "evt_1"}};
  request.body = std::string(2'000'000, 'x');   // libcurl by itself would ask first whether it may (Expect)
  const auto answer = client.fetch(request);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "fine");
  CHECK_FALSE(answer->retry_after);

  REQUIRE(server.requests().size() == 1);
  const std::string sent = server.requests()[0];
  CHECK(sent.substr(0, 25) == "POST /hook?x=1 HTTP/1.1\r\n");
  CHECK(sent.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(sent.find("webhook-id: evt_1\r\n") != std::string::npos);
  CHECK(sent.find("Content-Length: 2000000\r\n") != std::string::npos);
  CHECK(sent.find("Expect") == std::string::npos);
  CHECK(sent.find("User-Agent") == std::string::npos);
  CHECK(sent.substr(sent.size() - 2'000'000) == request.body);
}

TEST_CASE("an empty POST and a GET") {
  LoopbackServer server(ok);
  Client client;
  WebRequest request;
  request.url = server.url();
  REQUIRE(client.fetch(request));
  REQUIRE(client.get(server.url("/get")));
  CHECK(server.requests()[0].find("Content-Length: 0\r\n") != std::string::npos);
  CHECK(server.requests()[1].substr(0, 9) == "GET /get ");
}

TEST_CASE("a status that is no success is an answer all the same") {
  LoopbackServer server([](const std::string&) { return LoopbackServer::response(503, "", "Retry-After: 120\r\n"); });
  Client client;
  const auto answer = client.get(server.url());
  REQUIRE(answer);
  CHECK(answer->status == 503);
  CHECK(answer->retry_after == seconds(120));
}

TEST_CASE("what is not public is not dialled, under any name") {
  LoopbackServer server(ok);
  Client client(std::vector<std::string>{});
  const std::string port = ":" + std::to_string(server.port()) + "/";
  for (const std::string host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "[::1]",
                                 "[::ffff:127.0.0.1]", "[::127.0.0.1]", "user:pw@127.0.0.1"}) {
    INFO(host);
    const auto answer = client.get("http://" + host + port);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::NETWORK);
    CHECK(answer.error().details.find("public internet") != std::string::npos);
  }
  CHECK(server.requests().empty());
}

TEST_CASE("listed hosts are dialled by name or by address") {
  LoopbackServer server(ok);
  const std::string port = ":" + std::to_string(server.port()) + "/";
  CHECK(Client({"127.0.0.0/8"}).get("http://localhost" + port));
  CHECK(Client({"LOCALHOST"}).get("http://localhost" + port));
  CHECK_FALSE(Client({"localhost"}).get("http://127.0.0.1" + port));
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a proxy of the environment is not used") {
  LoopbackServer proxy(ok), server(ok);
  const std::string proxy_url = proxy.url();
  ::setenv("http_proxy", proxy_url.c_str(), 1);
  ::setenv("all_proxy", proxy_url.c_str(), 1);
  const auto answer = Client().get(server.url());
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  REQUIRE(answer);
  CHECK(proxy.requests().empty());
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a redirect is an answer, not a way") {
  LoopbackServer target(ok);
  LoopbackServer server([&](const std::string&) {
    return LoopbackServer::response(302, "", "Location: " + target.url() + "\r\n");
  });
  Client client;
  CHECK(client.get(server.url())->status == 302);
  CHECK(target.requests().empty());
}

TEST_CASE("a redirect is followed when asked, each hop judged anew") {
  LoopbackServer target(ok);
  std::string location = target.url("/there");
  LoopbackServer server([&](const std::string&) {
    return LoopbackServer::response(302, "", "Location: " + location + "\r\n");
  });
  Client client;
  WebRequest request;
  request.url = server.url();
  request.headers = {{"X-Secret", "1"}};
  request.follow_redirects = true;
  CHECK(client.fetch(request)->status == 200);
  REQUIRE(target.requests().size() == 1);
  CHECK(target.requests()[0].substr(0, 11) == "GET /there ");

  location = "http://localhost:" + std::to_string(target.port()) + "/";
  CHECK(client.fetch(request).error().details == "redirected away from https");   // to a host that is not listed
  location = "https://[::1]:" + std::to_string(target.port()) + "/";
  CHECK(client.fetch(request).error().details.find("public internet") != std::string::npos);
  CHECK(target.requests().size() == 1);
}

TEST_CASE("a circle of redirects ends") {
  std::string self;
  LoopbackServer server([&](const std::string&) {
    return LoopbackServer::response(307, "", "Location: " + self + "\r\n");
  });
  self = server.url("/again");
  Client client;
  WebRequest request;
  request.url = server.url();
  request.follow_redirects = true;
  CHECK(client.fetch(request)->status == 307);
  CHECK(server.requests().size() == 4);
}

TEST_CASE("a long answer is cut and still counts") {
  LoopbackServer server([](const std::string&) { return LoopbackServer::response(200, std::string(1'000'000, 'x')); });
  Client client;
  WebRequest request;
  request.url = server.url();
  request.response_bytes_max = 1000;
  const auto answer = client.fetch(request);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == std::string(1000, 'x'));
}

TEST_CASE("endless headers are refused") {
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 2000; ++i) many += "X-" + std::to_string(i) + ": " + std::string(60, 'x') + "\r\n";
  LoopbackServer server([&](const std::string&) { return many + "Content-Length: 0\r\n\r\n"; });
  const auto answer = Client().get(server.url());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::NETWORK);
}

TEST_CASE("a server that says nothing is a timeout") {
  LoopbackServer server([](const std::string&) { return LoopbackServer::kSilence; });
  Client client;
  WebRequest request;
  request.url = server.url();
  request.timeout = milliseconds(100);
  const auto answer = client.fetch(request);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::TIMEOUT);
}

TEST_CASE("failures are told in a few words") {
  int port = 0;
  {
    LoopbackServer gone(ok);
    port = gone.port();
  }
  Client client({"127.0.0.1", "nowhere.invalid"});
  const auto refused = client.get("http://127.0.0.1:" + std::to_string(port) + "/");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::NETWORK);
  CHECK(refused.error().details == "Connection refused");

  LoopbackServer silent([](const std::string&) { return ""; });
  CHECK(client.get(silent.url()).error().details == "Empty reply from server");
  LoopbackServer garbage([](const std::string&) { return "SSH-2.0-OpenSSH\r\n"; });
  CHECK_FALSE(client.get(garbage.url()));
  CHECK_FALSE(client.get("http://nowhere.invalid/"));
  CHECK_FALSE(client.get("ftp://127.0.0.1/"));
}

TEST_CASE("a header cannot smuggle another") {
  LoopbackServer server(ok);
  WebRequest request;
  request.url = server.url();
  request.headers = {{"X-A", "1\r\nX-B: 2"}};
  CHECK_FALSE(Client().fetch(request));
  CHECK(server.requests().empty());
}

TEST_CASE("many at once all come back") {
  LoopbackServer server(ok);
  Client client;
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    WebRequest request;
    request.url = server.url("/" + std::to_string(i));
    client.web->fetch(std::move(request), [&](const Result<WebResponse>& answer) {
      CHECK(answer.has_value());
      ++answered;
    });
  }
  while (answered < 50) client.loop.run_one();
  CHECK(server.requests().size() == 50);
}

TEST_CASE("the end of the client drops what is under way without a word") {
  LoopbackServer server([](const std::string&) { return LoopbackServer::kSilence; });
  Client client;
  const auto held = std::make_shared<int>(1);
  bool is_told = false;
  WebRequest request;
  request.url = server.url();
  client.web->fetch(request, [&, held](const Result<WebResponse>&) { is_told = true; });
  client.web.reset();
  while (!client.loop.is_empty()) client.loop.run_one();
  CHECK_FALSE(is_told);
  CHECK(held.use_count() == 1);
}

}  // namespace
}  // namespace konekwa::net
