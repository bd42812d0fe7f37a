#include <catch2/catch.hpp>

#include <atomic>
#include <sys/socket.h>

#include "common/api/client.h"
#include "tests/unit/cli/fake_daemon.h"

using namespace konekwa;
using namespace konekwa::api;
using cli::Answered;
using cli::Asked;
using cli::FakeDaemon;

namespace {

ApiClient client_of(const FakeDaemon& daemon, std::string key = {}, std::string tenant = {}) {
  ApiClient::Options options;
  options.url = *parse_url(daemon.url());
  options.api_key = std::move(key);
  options.tenant = std::move(tenant);
  return ApiClient(std::move(options));
}

}  // namespace

TEST_CASE("URLs: what is accepted, and how it is written back") {
  CHECK(parse_url("unix:///run/konekwa/konekwad.sock")->socket == "/run/konekwa/konekwad.sock");
  CHECK(parse_url("/run/x.sock")->text() == "unix:///run/x.sock");
  CHECK(parse_url("http://127.0.0.1:8080/")->text() == "http://127.0.0.1:8080");
  CHECK(parse_url("http://[::1]:8080/wa/")->text() == "http://[::1]:8080/wa");
  CHECK(parse_url("http://gateway")->port == 80);
  CHECK(parse_url("https://gateway")->port == 443);
  for (const char* wrong : {"", "gateway:80", "ftp://x", "unix://relative", "http://", "http://:80", "http://a:0",
                            "http://a:65536", "http://a:8x", "http://u@h:1", "http://[::1:80"}) {
    CHECK_FALSE(parse_url(wrong));
  }
  CHECK_FALSE(parse_url("unix:///" + std::string(120, 'x')));
}

TEST_CASE("segments and queries are percent-encoded, empty parameters are left out") {
  CHECK(encode_segment("ses_01/../x?y z") == "ses_01%2F..%2Fx%3Fy%20z");
  CHECK(with_query("/v1/messages", {{"a", "1&2"}, {"b", ""}, {"c", "+"}}) == "/v1/messages?a=1%262&c=%2B");
  CHECK(with_query("/x?t=1", {{"a", "b"}}) == "/x?t=1&a=b");
  CHECK(with_query("/x", {}) == "/x");
}

TEST_CASE("a request arrives with its key, tenant, headers and body") {
  for (const auto road : {FakeDaemon::Road::Unix, FakeDaemon::Road::Tcp}) {
    FakeDaemon daemon([](const Asked&) { return Answered{202, R"({"message_id":"msg_1"})"}; }, road);
    auto client = client_of(daemon, "kwt_1", "toko");
    const auto response = client.post("/v1/messages?x=%20", Json{{"b", 1}, {"a", 2}}, {{"Idempotency-Key", "k 1"}});
    REQUIRE(response);
    CHECK(response->status == 202);
    CHECK(response->raw == R"({"message_id":"msg_1"})");
    CHECK(response->body["message_id"] == "msg_1");
    REQUIRE(daemon.asked().size() == 1);
    const Asked asked = daemon.asked().front();
    CHECK(asked.method == "POST");
    CHECK(asked.target == "/v1/messages?x=%20");
    CHECK(asked.body == R"({"b":1,"a":2})");
    CHECK(asked.header("X-API-Key") == "kwt_1");
    CHECK(asked.header("X-Konekwa-Tenant") == "toko");
    CHECK(asked.header("Idempotency-Key") == "k 1");
    CHECK(asked.header("Content-Type") == "application/json");
    CHECK(asked.header("Host") == (road == FakeDaemon::Road::Unix ? "localhost" : daemon.url().substr(7)));
  }
}

TEST_CASE("requests one after another use one connection") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, "{}"}; }, FakeDaemon::Road::Tcp);
  auto client = client_of(daemon);
  for (int i = 0; i < 4; ++i) REQUIRE(client.get("/health"));
  CHECK(daemon.connections() == 1);
}

TEST_CASE("the API's error object becomes a failure, word for word") {
  const std::string body =
      R"({"error":{"code":"SESSION_NOT_FOUND","message":"there is no such session","details":"ses_x"}})";
  FakeDaemon daemon([&](const Asked&) { return Answered{404, body}; });
  const auto response = client_of(daemon).get("/v1/sessions/ses_x");
  REQUIRE_FALSE(response);
  CHECK(response.error().error.code == ErrorCode::SESSION_NOT_FOUND);
  CHECK(response.error().error.text() == "there is no such session: ses_x");
  CHECK(response.error().code == "SESSION_NOT_FOUND");
  CHECK(response.error().body == body);
}

TEST_CASE("a code of another version is judged by the class of its status") {
  const std::vector<std::pair<int, int>> exit_codes = {{400, 2}, {401, 4}, {403, 4}, {404, 3}, {409, 5},
                                                       {410, 5}, {422, 2}, {429, 6}, {500, 1}, {503, 1}};
  for (const auto& [status, expected] : exit_codes) {
    const Failure failure = failure_from(status, R"({"error":{"code":"FROM_THE_FUTURE","message":"no"}})");
    CHECK(exit_code(failure.error.code) == expected);
    CHECK(failure.code == "FROM_THE_FUTURE");
    CHECK(failure.error.message == "no");
    CHECK(exit_code(failure_from(status, "<html>").error.code) == expected);
  }
  CHECK(failure_from(502, "<html>").error.message == "HTTP status 502");
}

TEST_CASE("nobody there is UNREACHABLE, with the next step") {
  ApiClient::Options options;
  options.url = *parse_url("unix:///tmp/konekwa-test-nobody.sock");
  const auto none = ApiClient(options).get("/health");
  REQUIRE_FALSE(none);
  CHECK(none.error().error.code == ErrorCode::UNREACHABLE);
  CHECK(none.error().error.details == "there is no socket /tmp/konekwa-test-nobody.sock");
  CHECK_FALSE(none.error().hint.empty());
  options.url = *parse_url("http://127.0.0.1:1");
  const auto refused = ApiClient(options).get("/health");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().error.code == ErrorCode::UNREACHABLE);
}

TEST_CASE("a picture is passed on as it is, and broken JSON is a failure") {
  FakeDaemon daemon([](const Asked& asked) {
    if (asked.target == "/png") return Answered{200, std::string("\x89PNG\0\1", 6), "image/png"};
    return Answered{200, "{\"a\":"};
  });
  auto client = client_of(daemon);
  const auto picture = client.get("/png");
  REQUIRE(picture);
  CHECK(picture->raw.size() == 6);
  CHECK(picture->body.is_null());
  const auto broken = client.get("/json");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().error.code == ErrorCode::PROTOCOL);
}

TEST_CASE("a probe takes any status for an answer") {
  FakeDaemon daemon([](const Asked&) { return Answered{503, R"({"status":"not_ready"})"}; });
  const auto response = client_of(daemon).probe("/ready");
  REQUIRE(response);
  CHECK(response->status == 503);
  CHECK(response->body["status"] == "not_ready");
}

TEST_CASE("a stream of events is followed until one is enough") {
  std::string stream = "id: 1\ndata: one\n\nid: 2\ndata: two\n\nid: 3\ndata: three\n\n";
  FakeDaemon daemon([&](const Asked&) { return Answered{200, stream, "text/event-stream"}; });
  std::vector<std::string> seen;
  std::vector<int> sockets;
  ApiClient::Options options;
  options.url = *parse_url(daemon.url());
  options.on_socket = [&](int socket) {
    sockets.push_back(socket);
    return true;
  };
  const auto ended = ApiClient(options).follow("/v1/events?after=0", {{"Last-Event-ID", "7"}},
                                               [&](const ServerEvent& event) {
                                                 seen.push_back(event.data);
                                                 return event.id != "2";
                                               });
  CHECK(ended);
  CHECK(seen == std::vector<std::string>{"one", "two"});
  REQUIRE(sockets.size() == 3);
  CHECK(sockets[0] == ApiClient::kNoSocketYet);
  CHECK(sockets[1] > 0);
  CHECK(sockets[2] == ApiClient::kNoSocket);
  CHECK(daemon.asked().back().target == "/v1/events?after=0");
  CHECK(daemon.asked().back().header("Last-Event-ID") == "7");
}

TEST_CASE("what is no stream of events is a failure") {
  Answered answer;
  FakeDaemon daemon([&](const Asked&) { return answer; });
  const auto follow = [&] {
    return client_of(daemon).follow("/v1/events", {}, [](const ServerEvent&) { return true; });
  };
  answer = {403, R"({"error":{"code":"FORBIDDEN","message":"no"}})"};
  CHECK(follow().error().body == answer.body);
  answer = {200, "{}"};
  CHECK(follow().error().error.code == ErrorCode::PROTOCOL);
  answer = {200, "data: " + std::string(EventStreamParser::kEventBytesMax + 1, 'x') + "\n\n", "text/event-stream"};
  CHECK(follow().error().error.code == ErrorCode::PROTOCOL);
  ApiClient::Options options;
  options.url = *parse_url("http://127.0.0.1:1");
  const auto nobody =
      ApiClient(options).follow("/v1/events", {}, [](const ServerEvent&) { return true; });
  CHECK(nobody.error().error.code == ErrorCode::UNREACHABLE);
}

TEST_CASE("what may not stand in a header or in JSON is not sent") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, "{}"}; });
  CHECK_FALSE(client_of(daemon, "key\r\nX-Admin: 1").get("/health"));
  CHECK_FALSE(client_of(daemon).post("/v1/messages", Json{{"content", "\xFF"}}));
  CHECK_FALSE(client_of(daemon).patch("/v1/sessions/s", Json{{"name", "\xFF"}}));
  CHECK(daemon.asked().empty());
}

TEST_CASE("what is broken off says whether it may have been done, and how to repeat it") {
  for (const auto road : {FakeDaemon::Road::Unix, FakeDaemon::Road::Tcp}) {
    int socket = ApiClient::kNoSocket;
    std::atomic<bool> is_wanted = true;
    FakeDaemon daemon([&](const Asked&) {
      is_wanted = false;
      ::shutdown(socket, SHUT_RDWR);   // as Ctrl-C does while the answer is awaited
      return Answered{200, "{}"};
    }, road);
    ApiClient::Options options;
    options.url = *parse_url(daemon.url());
    options.on_socket = [&](int told) {
      if (told >= 0) socket = told;
      return is_wanted.load();
    };
    ApiClient client(options);
    const auto hint = [&](const std::string& method, const std::string& target, const ApiClient::Headers& headers) {
      is_wanted = true;
      const auto response = client.request(method, target, method == "GET" ? "" : "{}", headers);
      REQUIRE_FALSE(response);
      CHECK(response.error().error.code == ErrorCode::CANCELLED);
      return response.error().hint;
    };
    CHECK(hint("GET", "/v1/sessions", {}).empty());
    CHECK(hint("POST", "/v1/sessions", {}) == "nobody knows whether it was done");
    CHECK(hint("POST", "/v1/messages", {}).find("--idempotency-key") != std::string::npos);
    CHECK(hint("POST", "/v1/messages", {{"Idempotency-Key", "k"}}).find("same key") != std::string::npos);
    is_wanted = false;
    const auto unsent = client.post("/v1/messages", Json::object());
    CHECK(unsent.error().error.code == ErrorCode::CANCELLED);
    CHECK(unsent.error().hint.empty());
  }
}

TEST_CASE("an answer that is lost leaves doubt of what changes something only") {
  int socket = ApiClient::kNoSocket;
  FakeDaemon daemon([&](const Asked&) {
    ::shutdown(socket, SHUT_RDWR);
    return Answered{200, "{}"};
  });
  ApiClient::Options options;
  options.url = *parse_url(daemon.url());
  options.on_socket = [&](int told) {
    if (told >= 0) socket = told;
    return true;
  };
  const auto read = ApiClient(options).get("/v1/sessions");
  CHECK(read.error().error.code == ErrorCode::UNREACHABLE);
  CHECK(read.error().hint.empty());
  CHECK(ApiClient(options).patch("/v1/sessions/s", Json::object()).error().hint == "nobody knows whether it was done");
}
