// Bodies that are not whole in memory: into a sink, and out of a source of known length.
#include <mutex>

#include "daemon/http/server.h"
#include "tests/support/manual_loop.h"
#include "tests/support/raw_client.h"

using namespace konekwa;
using namespace konekwa::http;
using test::RawClient;
using test::statuses;
using Codes = std::vector<int>;

namespace {

constexpr std::size_t kBodyMax = 1'000'000;

struct Record {
  std::mutex mutex;
  std::string body;
  std::size_t largest = 0;
  int pieces = 0, opened = 0, ended = 0;
  std::size_t refuse_after = kBodyMax;   // octets
};

class RecordingSink final : public BodySink {
 public:
  explicit RecordingSink(Record& record) : record_(record) { ++record_.opened; }
  ~RecordingSink() override {
    const std::lock_guard lock(record_.mutex);
    ++record_.ended;
  }
  std::uint64_t bytes_max() const override { return kBodyMax; }
  void write(std::string piece, Done done) override {
    bool goes_on = true;
    {
      const std::lock_guard lock(record_.mutex);
      record_.body += piece;
      record_.largest = std::max(record_.largest, piece.size());
      ++record_.pieces;
      goes_on = record_.body.size() <= record_.refuse_after;
    }
    done(goes_on);
  }
  void finish(Respond respond) override {
    const bool is_full = record_.body.size() > record_.refuse_after;
    Response response;
    response.status = is_full ? 507 : 201;
    response.body = "[" + std::to_string(record_.body.size()) + "]";
    respond(std::move(response));
  }

 private:
  Record& record_;
};

// `total` octets were promised, `parts` come.
class PartsSource final : public BodySource {
 public:
  explicit PartsSource(std::vector<std::string> parts) : parts_(std::move(parts)) {}
  void next(Deliver deliver) override { deliver(at_ < parts_.size() ? parts_[at_++] : std::string()); }

 private:
  const std::vector<std::string> parts_;
  std::size_t at_ = 0;
};

class Files final : public Application {
 public:
  std::variant<Response, Admitted> admit(const Request& request) override {
    Admitted out{nullptr, true};
    if (request.header.method == "POST") out.sink = std::make_shared<RecordingSink>(record);
    out.run = [weak = std::weak_ptr(out.sink), this](Request, Respond respond, const Later&) {
      if (const auto sink = weak.lock()) return sink->finish(std::move(respond));
      Response response;
      response.length = 8;
      response.source = std::make_shared<PartsSource>(parts);
      respond(std::move(response));
    };
    return out;
  }

  Record record;
  std::vector<std::string> parts{"01234", "567"};
};

struct Fixture {
  test::ManualLoop clock;
  SystemRandom random;
  Files files;
  std::unique_ptr<HttpServer> server;

  explicit Fixture(ServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    auto started = HttpServer::start(std::move(options), files, clock, random);
    REQUIRE(started);
    server = std::move(*started);
  }
  std::string exchange(const std::string& octets) {
    RawClient client(server->tcp_address());
    client.send(octets);
    client.end_sending();
    return client.read_to_end();
  }
};

const std::string kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(const std::string& body) {
  return "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunked(const std::string& body) {
  std::string out = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 5'000) out += chunk_of(body.substr(at, 5'000));
  return out + chunk_of("");
}

std::string long_body(std::size_t size) {
  std::string out(size, 'x');
  for (std::size_t i = 0; i < size; i += 7) out[i] = static_cast<char>(i % 251);
  return out;
}

}  // namespace

TEST_CASE("a body goes to its sink in pieces, and the connection goes on", "[body]") {
  Fixture f;
  const std::string body = long_body(400'000);
  const bool is_chunked = GENERATE(false, true);
  const std::string answers = f.exchange((is_chunked ? chunked(body) : post(body)) + kGet);
  CHECK(statuses(answers) == Codes{201, 200});
  CHECK(f.files.record.body == body);
  CHECK(f.files.record.pieces > 5);
  CHECK(f.files.record.largest <= 64 * 1024);
  CHECK(f.files.record.ended == 1);
}

TEST_CASE("a body of any size comes out as it went in", "[body]") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'535}, std::size_t{65'536},
                                 std::size_t{65'537}, std::size_t{131'072}}) {
    Fixture f;
    const std::string body = long_body(size);
    CHECK(statuses(f.exchange(post(body) + post(body))) == Codes{201, 201});
    CHECK(f.files.record.body == body + body);
  }
}

TEST_CASE("a body larger than its sink takes is refused, announced or not", "[body]") {
  Fixture f;
  const std::string announced = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n";
  CHECK(statuses(f.exchange(announced)) == Codes{413});
  CHECK(f.files.record.pieces == 0);
  CHECK(statuses(f.exchange(chunked(long_body(kBodyMax + 1)))) == Codes{413});
  CHECK(f.files.record.body.size() <= kBodyMax);
}

TEST_CASE("a sink that wants no more is asked why, and the connection ends", "[body]") {
  Fixture f;
  f.files.record.refuse_after = 100'000;
  CHECK(statuses(f.exchange(post(long_body(180'000)) + kGet)) == Codes{507});
  CHECK(f.files.record.body.size() < 180'000);
}

TEST_CASE("a client that goes, breaks the framing or stops leaves no sink behind", "[body]") {
  ServerOptions options;
  options.body_deadline = milliseconds(100);
  Fixture f(std::move(options));
  CHECK(f.exchange("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc").empty());
  const std::string broken =
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n" + kGet;
  CHECK(statuses(f.exchange(broken)) == Codes{400});
  RawClient slow(f.server->tcp_address());
  slow.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(statuses(slow.read_to_end()) == Codes{408});
  f.server->stop(seconds(5));
  CHECK(f.files.record.opened == 3);
  CHECK(f.files.record.ended == 3);
}

TEST_CASE("a source of known length is written whole, and the connection goes on", "[body]") {
  Fixture f;
  const std::string answers = f.exchange(kGet + kGet);
  CHECK(statuses(answers) == Codes{200, 200});
  CHECK(answers.find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(answers.find("Transfer-Encoding") == std::string::npos);
  CHECK(answers.ends_with("\r\n\r\n01234567"));
  const std::string head = f.exchange("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(head.find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("a source that gives less or more than was promised ends the connection", "[body]") {
  Fixture f;
  f.files.parts = {"0123"};
  CHECK(f.exchange(kGet + kGet).ends_with("\r\n\r\n0123"));
  f.files.parts = {"0123", "456789"};
  CHECK(f.exchange(kGet + kGet).ends_with("\r\n\r\n0123"));
}
