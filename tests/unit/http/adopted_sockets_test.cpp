// Listening sockets that belong to somebody else, as the service manager's do.
#include "daemon/http/server.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <future>

#include <sys/socket.h>
#include <unistd.h>

#include "daemon/http/listen.h"
#include "tests/support/manual_loop.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"

using namespace konekwa;
using namespace konekwa::http;
using test::RawClient;

namespace {

class Fine final : public Application {
 public:
  std::variant<Response, Admitted> admit(const Request& request) override {
    Response response;
    response.content_type = "text/plain";
    response.body = request.peer.is_unix_socket ? "[unix]" : "[tcp]";
    return response;
  }
};

struct Fixture {
  test::TempDir dir;
  test::ManualLoop clock;
  SystemRandom random;
  Fine application;
  // The owner's; a server gets copies.
  const int tcp = *listen_tcp("127.0.0.1:0");
  const std::string path = dir.file("api.sock");
  const int local = *listen_unix(path);

  ~Fixture() {
    ::close(tcp);
    ::close(local);
  }
  Result<std::unique_ptr<HttpServer>> start(std::vector<int> adopted, ServerOptions options = {}) {
    options.adopted = std::move(adopted);
    return HttpServer::start(std::move(options), application, clock, random);
  }
  static std::string answer_to(RawClient client) {
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return client.read_to_end();
  }
};

}  // namespace

TEST_CASE("adopted sockets are served in place of the addresses, by their family") {
  Fixture f;
  ServerOptions options;
  options.listen = "127.0.0.1:1";   // would be refused, or a surprise
  options.socket_path = f.dir.file("other.sock");
  const auto server = f.start({::dup(f.tcp), ::dup(f.local)}, options);
  REQUIRE(server);
  CHECK((*server)->tcp_address() == bound_address(f.tcp));
  CHECK((*server)->socket_path() == f.path);
  CHECK(f.answer_to(RawClient(bound_address(f.tcp))).find("[tcp]") != std::string::npos);
  CHECK(f.answer_to(RawClient::on_unix_socket(f.path)).find("[unix]") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(options.socket_path));
}

TEST_CASE("an adopted Unix socket leaves the TCP address as it was set") {
  Fixture f;
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  const auto server = f.start({::dup(f.local)}, options);
  REQUIRE(server);
  CHECK(f.answer_to(RawClient((*server)->tcp_address())).find("[tcp]") != std::string::npos);
}

TEST_CASE("who connects between two servers is answered by the second") {
  Fixture f;
  auto first = f.start({::dup(f.tcp), ::dup(f.local)});
  REQUIRE(first);
  (*first)->stop(seconds(1));
  first->reset();
  CHECK(std::filesystem::exists(f.path));
  RawClient tcp(bound_address(f.tcp));
  RawClient local = RawClient::on_unix_socket(f.path);
  const auto second = f.start({::dup(f.tcp), ::dup(f.local)});
  REQUIRE(second);
  CHECK(f.answer_to(std::move(tcp)).find("[tcp]") != std::string::npos);
  CHECK(f.answer_to(std::move(local)).find("[unix]") != std::string::npos);
}

TEST_CASE("who was let in just before a stop is answered, however late their request comes") {
  Fixture f;
  ServerOptions options;
  options.newcomer_deadline = seconds(30);
  auto server = f.start({::dup(f.local)}, options);
  REQUIRE(server);
  RawClient newcomer = RawClient::on_unix_socket(f.path);
  RawClient idle = RawClient::on_unix_socket(f.path);
  idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  idle.read_until("[unix]");   // answered, and let in behind the newcomer
  auto stopped = std::async(std::launch::async, [&] { (*server)->stop(seconds(30)); });
  CHECK(idle.read_to_end().empty());   // closed: the stop has begun
  CHECK(f.answer_to(std::move(newcomer)).find("[unix]") != std::string::npos);
  stopped.get();
}

TEST_CASE("who connects and says nothing does not hold up a stop") {
  Fixture f;
  ServerOptions options;
  options.newcomer_deadline = milliseconds(1);
  auto server = f.start({::dup(f.local)}, options);
  REQUIRE(server);
  const RawClient silent = RawClient::on_unix_socket(f.path);
  CHECK(f.answer_to(RawClient::on_unix_socket(f.path)).find("[unix]") != std::string::npos);
  const auto began = std::chrono::steady_clock::now();
  (*server)->stop(seconds(30));
  CHECK(std::chrono::steady_clock::now() - began < seconds(20));
}

TEST_CASE("what does not listen is not adopted") {
  Fixture f;
  const int datagram = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int silent = ::socket(AF_UNIX, SOCK_STREAM, 0);
  for (const int socket : {datagram, silent, 9999}) {
    const auto refused = f.start({socket});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::INVALID_REQUEST);
    CHECK(refused.error().text().find(std::to_string(socket)) != std::string::npos);
  }
  ::close(datagram);
  ::close(silent);
}

TEST_CASE("a server that could not have its address takes no socket file of another away") {
  Fixture f;
  ServerOptions options;
  options.socket_path = f.path;
  CHECK(f.start({}, options).error().code == ErrorCode::CONFLICT);
  CHECK(std::filesystem::exists(f.path));
}

TEST_CASE("a roll call is complete when every thread of the server has come") {
  Fixture f;
  const auto server = f.start({::dup(f.tcp)});
  REQUIRE(server);
  std::promise<void> complete;
  (*server)->roll_call([&] { complete.set_value(); });
  CHECK(complete.get_future().wait_for(seconds(5)) == std::future_status::ready);
}
