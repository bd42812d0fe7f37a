#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <fmt/format.h>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

std::string event(int position) {
  return fmt::format("id: {0}\nevent: message.sent\ndata: {{\"id\":\"evt_{0}\"}}\n\n", position);
}

// Answers the streams of the list one after the other, then refuses with 503.
class Broadcaster {
 public:
  explicit Broadcaster(std::vector<std::string> streams) : streams_(std::move(streams)) {}
  Answered operator()(const Asked&) {
    if (next_ == streams_.size()) return {503, R"({"error":{"code":"SHUTTING_DOWN","message":"x"}})"};
    return {200, streams_[next_++], "text/event-stream; charset=utf-8"};
  }

 private:
  std::vector<std::string> streams_;
  std::size_t next_ = 0;
};

}  // namespace

TEST_CASE("events prints one document a line and stops after --count") {
  FakeDaemon daemon(Broadcaster({": keep-alive\n\n" + event(7) + event(8) + event(9)}));
  const Ran ran = Program(daemon.url()).run(
      {"events", "--after", "6", "--session", "s 1", "--types", "message.sent,session.qr", "--count", "2"});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == "{\"id\":\"evt_7\"}\n{\"id\":\"evt_8\"}\n");
  CHECK(ran.err.empty());
  REQUIRE(daemon.asked().size() == 1);
  CHECK(daemon.asked()[0].target == "/v1/events?after=6&session_id=s%201&types=message.sent%2Csession.qr");
}

TEST_CASE("with -q the positions are printed, for --after") {
  FakeDaemon daemon(Broadcaster({event(7) + event(8)}));
  CHECK(Program(daemon.url()).run({"events", "-q", "--count", "2"}).out == "7\n8\n");
}

TEST_CASE("after a lost connection the stream goes on behind the last whole event") {
  FakeDaemon daemon(Broadcaster({event(7) + "id: 8\ndata: {\"id\":", event(8)}));
  Program program(daemon.url());
  const Ran ran = program.run({"events", "--after", "6", "--count", "2"});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == "{\"id\":\"evt_7\"}\n{\"id\":\"evt_8\"}\n");
  CHECK(ran.err == "konekwa: the connection has ended, trying again in 100ms\n");
  REQUIRE(daemon.asked().size() == 2);
  CHECK(daemon.asked()[0].header("Last-Event-ID").empty());
  CHECK(daemon.asked()[1].target == "/v1/events");
  CHECK(daemon.asked()[1].header("Last-Event-ID") == "7");
}

TEST_CASE("a position told without an event is where a lost stream goes on") {
  FakeDaemon daemon(Broadcaster({"id: 41\n\n", event(42)}));
  CHECK(Program(daemon.url()).run({"events", "--count", "1"}).out == "{\"id\":\"evt_42\"}\n");
  CHECK(daemon.asked()[1].header("Last-Event-ID") == "41");
}

TEST_CASE("the waits before another attempt grow up to a bound, and Ctrl-C ends them with 130") {
  FakeDaemon daemon(Broadcaster({event(7)}));
  Program program(daemon.url());
  program.clock.on_pause = [&] { program.clock.is_interrupted = program.clock.elapsed() > seconds(20); };
  const Ran ran = program.run({"events", "--json"});
  CHECK(ran.exit_code == 130);
  CHECK(ran.out == "{\"id\":\"evt_7\"}\n");
  CHECK(ran.err.empty());
  std::vector<Duration> waits;
  for (Duration pause : program.clock.pauses) {
    if (pause > Duration(0)) waits.push_back(pause);
  }
  CHECK(waits == std::vector<Duration>{milliseconds(100), milliseconds(200), milliseconds(400), milliseconds(800),
                                       milliseconds(1600), milliseconds(3200), seconds(5), seconds(5), seconds(5)});
}

TEST_CASE("a stream that never began is told at once") {
  FakeDaemon daemon(Broadcaster({}));
  CHECK(Program(daemon.url()).run({"events"}).exit_code == 1);
  CHECK(daemon.asked().size() == 1);
  CHECK(Program("unix:///tmp/konekwa-test-nobody.sock").run({"events"}).exit_code == 7);
}

TEST_CASE("a right that is taken away ends the stream") {
  int asked = 0;
  FakeDaemon daemon([&](const Asked&) {
    if (++asked == 1) return Answered{200, event(1), "text/event-stream"};
    return Answered{401, R"({"error":{"code":"API_KEY_REVOKED","message":"the API key was revoked"}})"};
  });
  const Ran ran = Program(daemon.url()).run({"events"});
  CHECK(ran.exit_code == 4);
  CHECK(ran.out == "{\"id\":\"evt_1\"}\n");
}

TEST_CASE("on a terminal an event cannot drive it") {
  FakeDaemon daemon(Broadcaster({"id: 1\ndata: {\"text\":\"\xC2\x9B" "31m\"}\n\n", "id: 2\ndata: {\ndata: }\n\n"}));
  Program program(daemon.url());
  program.terminal.is_tty = true;
  CHECK(program.run({"events", "--count", "2"}).out == "{\"text\":\"31m\"}\n{ }\n");
}
