#include "daemon/http/server.h"

#include <future>
#include <mutex>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/manual_loop.h"
#include "tests/support/temp_dir.h"
#include "tests/support/raw_client.h"

using namespace konekwa;
using namespace konekwa::http;
using test::RawClient;
using test::statuses;
using Codes = std::vector<int>;

namespace {

// Answers with what it was asked, and keeps the targets.
class Echo final : public Application {
 public:
  std::variant<Response, Admitted> admit(const Request& request) override {
    const std::lock_guard lock(mutex);
    peers.push_back(request.peer);
    if (request.header.target == "/refuse") return to_response(Error(ErrorCode::UNAUTHORIZED));
    return Admitted{[this](Request complete, Respond respond, const Later& later) {
                      run(std::move(complete), std::move(respond), later);
                    },
                    true};
  }

  void run(Request request, Respond respond, const Later& later) {
    {
      const std::lock_guard lock(mutex);
      seen.push_back(request.header.target);
    }
    if (request.header.target == "/forget") return;
    if (request.header.target == "/hold") {
      const std::lock_guard lock(mutex);
      held = std::move(respond);
      is_held.set_value();
      return;
    }
    Response response;
    response.content_type = "text/plain";
    response.body = "[" + request.header.method + " " + request.body + "]";
    if (request.header.target != "/later") return respond(std::move(response));
    later(milliseconds(1), [respond = std::move(respond), response = std::move(response)] { respond(response); });
  }

  std::mutex mutex;
  std::vector<std::string> seen;
  std::vector<Peer> peers;
  Respond held;
  std::promise<void> is_held;
};

struct Fixture {
  test::TempDir dir;
  test::ManualLoop clock;
  SystemRandom random;
  Echo echo;
  std::unique_ptr<HttpServer> server;

  void start(ServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    options.socket_path = dir.file("s/api.sock");
    auto started = HttpServer::start(std::move(options), echo, clock, random);
    REQUIRE(started);
    server = std::move(*started);
  }
  // What comes back for these octets, when the client sends nothing more.
  std::string exchange(const std::string& octets) {
    RawClient client(server->tcp_address());
    client.send(octets);
    client.end_sending();
    return client.read_to_end();
  }
  ~Fixture() { echo.held = nullptr; }   // a Respond is gone before its server
};

const std::string kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(const std::string& fields, const std::string& body) {
  return "POST /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

}  // namespace

TEST_CASE("requests on one connection are answered in order, pipelined ones too") {
  Fixture f;
  f.start();
  const std::string head = "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string answers = f.exchange(kGet + post("Content-Length: 2\r\n", "hi") + head + kGet);
  CHECK(statuses(answers) == Codes{200, 200, 200, 200});
  CHECK(answers.find("[POST hi]") != std::string::npos);
  CHECK(answers.find("[HEAD ]") == std::string::npos);
  CHECK(answers.find("X-Request-Id: ") != std::string::npos);
}

TEST_CASE("a refusal is in the language that its request asks for") {
  Fixture f;
  f.start();
  const std::string target = "GET /refuse HTTP/1.1\r\nHost: a\r\n";
  const std::string indonesian = f.exchange(target + "Accept-Language: id-ID, en;q=0.8\r\n\r\n");
  CHECK(statuses(indonesian) == Codes{401});
  CHECK(indonesian.find("\r\nContent-Language: id\r\n") != std::string::npos);
  CHECK(indonesian.find(R"("code":"UNAUTHORIZED","message":"API key wajib)") != std::string::npos);
  const std::string english = f.exchange(target + "Accept-Language: en\r\n\r\n");
  CHECK(english.find("Content-Language") == std::string::npos);
  CHECK(english.find("an API key is required") != std::string::npos);
}

TEST_CASE("a request may arrive octet by octet, and its body in chunks") {
  Fixture f;
  f.start();
  RawClient client(f.server->tcp_address());
  for (const char c : post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n")) {
    client.send(std::string(1, c));
  }
  CHECK(client.read_until("]").find("[POST abcde]") != std::string::npos);
  client.send(kGet);
  CHECK(statuses(client.read_until("]")) == Codes{200});
}

TEST_CASE("no octet of a body, or of a refused request, becomes a request") {
  Fixture f;
  f.start();
  struct Vector {
    const char* name;
    std::string octets;
    Codes answers;
  };
  const std::string length = "Content-Length: " + std::to_string(kSmuggled.size()) + "\r\n";
  const Vector vectors[] = {
      {"GET with a body that is a request", "GET /a HTTP/1.1\r\nHost: a\r\n" + length + "\r\n" + kSmuggled, {200}},
      {"length and chunked", post(length + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n" + kSmuggled), {400}},
      {"chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n", kSmuggled), {400}},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", kSmuggled), {400}},
      {"HTTP/1.0 chunked", "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kSmuggled, {400}},
      {"blank before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + kSmuggled), {400}},
      {"folded header", post("X: a\r\n Content-Length: 0\r\n", kSmuggled), {400}},
      {"two lengths", post("Content-Length: 0\r\n" + length, kSmuggled), {400}},
      {"garbage before a request", "garbage\r\n\r\n" + kSmuggled, {400}},
      {"bare LF before a request", "GET /a HTTP/1.1\nHost: a\n\n" + kSmuggled, {400}},
      {"refused with a body unread", "POST /refuse HTTP/1.1\r\nHost: a\r\n" + length + "\r\n" + kSmuggled, {401}},
      {"refused with chunks unread",
       "POST /refuse HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + kSmuggled,
       {401}},
      {"chunk size with a sign", post("Transfer-Encoding: chunked\r\n", "+3\r\nabc\r\n0\r\n\r\n" + kSmuggled), {400}},
      {"chunk size in 0x", post("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n" + kSmuggled), {400}},
      {"chunk size that overflows",
       post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\nabc\r\n" + kSmuggled),
       {400}},
      {"chunk not ended by CR LF", post("Transfer-Encoding: chunked\r\n", "3\r\nabcX\r\n0\r\n\r\n" + kSmuggled), {400}},
      {"length with a sign", post("Content-Length: +5\r\n", kSmuggled), {400}},
      {"no Host", "GET /a HTTP/1.1\r\n\r\n" + kSmuggled, {400}},
      {"compressed body", post("Content-Encoding: gzip\r\n" + length, kSmuggled), {415}},
  };
  for (const Vector& vector : vectors) {
    INFO(vector.name);
    CHECK(statuses(f.exchange(vector.octets)) == vector.answers);
  }
  const std::lock_guard lock(f.echo.mutex);
  CHECK(std::count(f.echo.seen.begin(), f.echo.seen.end(), "/smuggled") == 0);
}

TEST_CASE("a refusal without a body keeps the connection") {
  Fixture f;
  f.start();
  CHECK(statuses(f.exchange("GET /refuse HTTP/1.1\r\nHost: a\r\n\r\n" + kGet)) == Codes{401, 200});
}

TEST_CASE("a body larger than the limit is refused, announced or not") {
  Fixture f;
  ServerOptions options;
  options.body_bytes_max = 1000;
  f.start(options);
  CHECK(statuses(f.exchange(post("Content-Length: 1000\r\n", std::string(1000, 'a')))) == Codes{200});
  CHECK(statuses(f.exchange(post("Content-Length: 1001\r\n", std::string(1001, 'a')))) == Codes{413});
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "64\r\n" + std::string(100, 'a') + "\r\n";
  const std::string answer = f.exchange(post("Transfer-Encoding: chunked\r\n", chunks));
  CHECK(statuses(answer) == Codes{413});
  CHECK(answer.find("PAYLOAD_TOO_LARGE") != std::string::npos);
  CHECK(statuses(f.exchange(post("Content-Length: 999999999999999999\r\n", "a"))) == Codes{413});
  CHECK(statuses(f.exchange(post("Expect: 100-continue\r\nContent-Length: 1001\r\n", ""))) == Codes{413});
}

TEST_CASE("a client of HTTP/1.0 is told whether the connection goes on") {
  Fixture f;
  f.start();
  const std::string keeps = "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
  const std::string answers = f.exchange(keeps + "GET /a HTTP/1.0\r\n\r\n");
  CHECK(statuses(answers) == Codes{200, 200});
  CHECK(answers.find("Connection: keep-alive\r\n") < answers.find("Connection: close\r\n"));
  CHECK(f.exchange(kGet).find("keep-alive") == std::string::npos);
}

TEST_CASE("the answer to a HEAD has no body, even when it is refused") {
  Fixture f;
  f.start();
  const char* refused[] = {"HEAD /a HTTP/1.1\r\n\r\n", "HEAD a HTTP/1.1\r\n\r\n",
                           "HEAD /a HTTP/1.1\r\nHost: a\r\nX: \x01"};
  for (const char* octets : refused) {
    const std::string answer = f.exchange(octets);
    CHECK(statuses(answer) == Codes{400});
    CHECK(answer.substr(answer.size() - 4) == "\r\n\r\n");
  }
}

TEST_CASE("a client that waits for 100 Continue gets it") {
  Fixture f;
  f.start();
  RawClient client(f.server->tcp_address());
  client.send(post("Expect: 100-continue\r\nContent-Length: 2\r\n", ""));
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  CHECK(client.read_until("]").find("[POST hi]") != std::string::npos);
}

TEST_CASE("a refused client is not told to continue") {
  Fixture f;
  f.start();
  const std::string request = "POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  CHECK(statuses(f.exchange(request)) == Codes{401});
}

TEST_CASE("a header that does not come in time is cut off, however slowly it drips") {
  Fixture f;
  ServerOptions options;
  options.header_deadline = milliseconds(100);
  f.start(options);
  RawClient client(f.server->tcp_address());
  client.send("GET /a HTTP/1.1\r\nHos");
  CHECK(statuses(client.read_to_end()) == Codes{408});
}

TEST_CASE("octets that arrive at the very moment of the deadline do not outlive it") {
  Fixture f;
  ServerOptions options;
  options.header_deadline = milliseconds(100);
  options.body_deadline = milliseconds(100);
  f.start(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.emplace_back(f.server->tcp_address());
    clients.back().send(i % 2 == 0 ? "GET /a HTTP/1.1\r\nX: " : post("Content-Length: 60000\r\n", ""));
  }
  const auto end = std::chrono::steady_clock::now() + milliseconds(400);
  while (std::chrono::steady_clock::now() < end) {
    for (RawClient& client : clients) client.send("a");
  }
  for (RawClient& client : clients) CHECK(statuses(client.read_to_end()) == Codes{408});
}

TEST_CASE("a body that does not come in time is cut off") {
  Fixture f;
  ServerOptions options;
  options.body_deadline = milliseconds(100);
  f.start(options);
  RawClient client(f.server->tcp_address());
  client.send(post("Content-Length: 5\r\n", "ab"));
  CHECK(statuses(client.read_to_end()) == Codes{408});
}

TEST_CASE("an idle connection is closed without a word") {
  Fixture f;
  ServerOptions options;
  options.idle_deadline = milliseconds(100);
  f.start(options);
  RawClient client(f.server->tcp_address());
  client.send(kGet);
  CHECK(statuses(client.read_to_end()) == Codes{200});
}

TEST_CASE("more connections than the limit are closed at once") {
  Fixture f;
  ServerOptions options;
  options.connections_max = 2;
  f.start(options);
  RawClient first(f.server->tcp_address()), second(f.server->tcp_address());
  first.send(kGet);
  second.send(kGet);
  CHECK(statuses(first.read_until("]")) == Codes{200});
  CHECK(statuses(second.read_until("]")) == Codes{200});
  RawClient third(f.server->tcp_address());
  third.send(kGet);
  CHECK(third.read_to_end().empty());
}

TEST_CASE("those who show no key leave room for those who do") {
  Fixture f;
  ServerOptions options;
  options.unauthenticated_max = 1;
  f.start(options);
  RawClient known(f.server->tcp_address());
  known.send(kGet);
  CHECK(statuses(known.read_until("]")) == Codes{200});
  RawClient stranger(f.server->tcp_address());
  stranger.send("GET /refuse HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(statuses(stranger.read_until("}}")) == Codes{401});
  RawClient another(f.server->tcp_address());
  another.send(kGet);
  CHECK(another.read_to_end().empty());
}

TEST_CASE("a handler answers later, and one that forgets to is answered for") {
  Fixture f;
  f.start();
  CHECK(f.exchange("GET /later HTTP/1.1\r\nHost: a\r\n\r\n").find("[GET ]") != std::string::npos);
  const std::string answer = f.exchange("GET /forget HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(statuses(answer) == Codes{503});
}

TEST_CASE("the client's request id comes back, unless it is no id") {
  Fixture f;
  f.start();
  const auto with_id = [&](const std::string& id) {
    return f.exchange("GET /a HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + id + "\r\n\r\n");
  };
  CHECK(with_id("abc_1-2").find("X-Request-Id: abc_1-2\r\n") != std::string::npos);
  CHECK(with_id("a b").find("a b") == std::string::npos);
}

TEST_CASE("the Unix socket knows its peer, and is for its owner and group only") {
  Fixture f;
  f.start();
  RawClient client = RawClient::on_unix_socket(f.dir.file("s/api.sock"));
  client.send("GET /a HTTP/1.1\r\n\r\n");
  CHECK(statuses(client.read_until("]")) == Codes{200});
  CHECK(f.echo.peers.at(0).is_unix_socket);
  CHECK(f.echo.peers.at(0).is_admin);
  CHECK(f.echo.peers.at(0).address.empty());
  struct stat info{};
  REQUIRE(::stat(f.dir.file("s/api.sock").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0660);
}

TEST_CASE("a TCP peer is known by its address, and is no admin") {
  Fixture f;
  f.start();
  f.exchange(kGet);
  CHECK(f.echo.peers.at(0).address == "127.0.0.1");
  CHECK_FALSE(f.echo.peers.at(0).is_admin);
}

TEST_CASE("a stale socket file is replaced, one in use is not") {
  Fixture f;
  const std::string path = f.dir.file("stale.sock");
  const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(::bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  ::close(stale);

  ServerOptions options;
  options.socket_path = path;
  auto first = HttpServer::start(options, f.echo, f.clock, f.random);
  REQUIRE(first);
  const auto second = HttpServer::start(options, f.echo, f.clock, f.random);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::CONFLICT);
  (*first)->stop(seconds(1));
  CHECK(::access(path.c_str(), F_OK) != 0);
}

TEST_CASE("an address in use, and what is no address, are errors that name it") {
  Fixture f;
  f.start();
  ServerOptions options;
  options.listen = f.server->tcp_address();
  const auto in_use = HttpServer::start(options, f.echo, f.clock, f.random);
  REQUIRE_FALSE(in_use);
  CHECK(in_use.error().text().find(options.listen) != std::string::npos);
  for (const char* listen : {"localhost", "127.0.0.1:", "127.0.0.1:99999", "example:80", "[::1:80"}) {
    options.listen = listen;
    CHECK_FALSE(HttpServer::start(options, f.echo, f.clock, f.random));
  }
}

TEST_CASE("a stop answers what is under way, and closes what is idle") {
  Fixture f;
  f.start();
  RawClient idle(f.server->tcp_address());
  idle.send(kGet);
  idle.read_until("]");
  RawClient busy(f.server->tcp_address());
  busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  f.echo.is_held.get_future().wait();

  auto stopping = std::async(std::launch::async, [&] { f.server->stop(seconds(5)); });
  CHECK(idle.read_to_end().empty());
  f.echo.held(Response{});
  const std::string answer = busy.read_to_end();
  CHECK(statuses(answer) == Codes{200});
  CHECK(answer.find("Connection: close") != std::string::npos);
  f.echo.held = nullptr;
  stopping.get();
}

TEST_CASE("a stop does not wait longer than it may") {
  Fixture f;
  f.start();
  RawClient busy(f.server->tcp_address());
  busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  f.echo.is_held.get_future().wait();
  f.server->stop(milliseconds(50));
  f.echo.held(Response{});   // too late, and harmless
}
