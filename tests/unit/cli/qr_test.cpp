#include <catch2/catch.hpp>

#include "cli/qr_terminal.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>

#include <unistd.h>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

const std::string kFirst = "https://wa.me/settings/linked_devices#2@first" + std::string(200, 'x');
const std::string kSecond = "https://wa.me/settings/linked_devices#2@second" + std::string(200, 'x');

std::string code(const std::string& text, int sequence, const std::string& expires) {
  return R"({"session_id":"ses_1","status":"WAITING_QR","qr":")" + text + R"(","sequence":)" +
         std::to_string(sequence) + R"(,"issued_at":"2026-03-10T10:29:40Z","expires_at":")" + expires +
         R"(","remaining_codes":4})";
}
std::string status(const std::string& word, const std::string& reason = {}) {
  return R"({"session_id":"ses_1","status":")" + word + R"(","status_reason":")" + reason + R"("})";
}

// A session whose QR answers a test changes as time goes on.
struct Linking {
  std::string qr = status("CONNECTING");
  std::string qr_url = "/api/v1/qr/ses_1/image";
  bool may_see_sessions = true;
  Answered operator()(const Asked& asked) const {
    if (asked.target.starts_with("/v1/sessions/")) {
      if (!may_see_sessions) return {401, R"({"error":{"code":"UNAUTHORIZED","message":"a key is needed"}})"};
      return {200, R"({"id":"ses_1","phone_number":"6281234567890","qr_url":")" + qr_url + R"("})"};
    }
    if (asked.target.find("/image") != std::string::npos) return {200, "\x89PNG", "image/png"};
    return {200, qr};
  }
};

std::string drawn(const std::string& text, QrLook look) {
  std::string out;
  for (const std::string& line : render(*make_qr(text), look)) out += line + "\n";
  return out;
}

// What stays on the terminal at the end: nothing of what was on the alternate screen.
std::string left_on_screen(const std::string& stream) {
  const std::string enter = "\033[?1049h", leave = "\033[?1049l";
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t begin = stream.find(enter, at);
    out += stream.substr(at, begin - at);
    if (begin == std::string::npos) return out + "\n";
    at = stream.find(leave, begin);
    if (at == std::string::npos) return out + "the screen before does not come back";
    at += leave.size();
  }
}

// A road that lets answers through as the clock says.
class SlowRoad {
 public:
  void slow_down(Program& program, Duration delay) {
    program.clock.answers_after = delay;
    program.clock.on_arrival = [this](bool may_come) { let(may_come); };
  }
  void let(bool may_come) {
    const std::lock_guard lock(mutex_);
    may_come_ = may_come || is_over_;
    changed_.notify_all();
  }
  void end() {
    is_over_ = true;
    let(true);
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return may_come_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool may_come_ = false;
  std::atomic<bool> is_over_ = false;
};

Program on_terminal(const FakeDaemon& daemon, int columns, int rows) {
  Program program(daemon.url());
  program.terminal = {true, columns, rows, true, true, true, true};
  return program;
}

}  // namespace

TEST_CASE("away from a terminal: one code without colours, and done") {
  Linking linking;
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  Program program(daemon.url());
  program.clock.on_pause = [&] { linking.qr = code(kFirst, 1, "2026-03-10T10:30:40Z"); };
  const Ran ran = program.run({"qr", "ses_1"});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == drawn(kFirst, {QrStyle::Ascii, kQuietZone, false}));
  CHECK(ran.err == "konekwa: light letters on a dark ground? add --invert\n"
                   "konekwa: this code is good until 2026-03-10T10:30:40Z\n");
  const Ran inverted = program.run({"qr", "ses_1", "--invert"});
  CHECK(inverted.out == drawn(kFirst, {QrStyle::Ascii, kQuietZone, true}));
  CHECK(inverted.err == "konekwa: this code is good until 2026-03-10T10:30:40Z\n");
  CHECK(program.run({"qr", "ses_1", "--json"}).out == linking.qr + "\n");
  CHECK(program.run({"qr", "ses_1", "-q"}).out == kFirst + "\n");
}

TEST_CASE("a session that is linked already has no code for a pipe") {
  Linking linking{status("CONNECTED")};
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  for (const char* form : {"--ascii", "-q", "--json"}) {
    const Ran ran = Program(daemon.url()).run({"qr", "ses_1", form});
    CHECK(ran.exit_code == 5);
    CHECK(ran.out.empty());
    CHECK(ran.err.find("6281234567890") != std::string::npos);
  }
}

TEST_CASE("a picture is not written to a screen") {
  Linking linking;
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  Program program(daemon.url());
  program.terminal.is_tty = true;
  for (const char* picture : {"--png", "--svg"}) {
    const Ran ran = program.run({"qr", "ses_1", picture, "-"});
    CHECK(ran.exit_code == 2);
    CHECK(ran.out.empty());
  }
}

TEST_CASE("no code in time is exit code 8, a session that will give none is 5") {
  Linking linking;
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  CHECK(Program(daemon.url()).run({"qr", "ses_1", "--timeout", "2s"}).exit_code == 8);
  linking.qr = status("DISCONNECTED", "QR_TIMEOUT");
  const Ran expired = Program(daemon.url()).run({"qr", "ses_1"});
  CHECK(expired.exit_code == 8);
  CHECK(expired.err.find("hint: konekwa sessions connect ses_1") != std::string::npos);
  linking.qr = status("LOGGED_OUT", "DEVICE_REMOVED");
  CHECK(Program(daemon.url()).run({"qr", "ses_1"}).exit_code == 5);
}

TEST_CASE("on a terminal the code is drawn in colours, follows the rotation, and ends with the number") {
  Linking linking;
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  Program program = on_terminal(daemon, 100, 50);
  const std::string first = code(kFirst, 1, "2026-03-10T10:30:03Z");
  const std::vector<std::string> story = {first, first, code(kSecond, 2, "2026-03-10T10:30:30Z"), status("CONNECTING"),
                                          status("CONNECTED")};
  std::size_t chapter = 0;
  program.clock.on_pause = [&] { linking.qr = story.at(chapter++); };
  const Ran ran = program.run({"qr", "ses_1"});
  CHECK(ran.exit_code == 0);
  for (const std::string& text : {kFirst, kSecond}) {
    for (const std::string& line : render(*make_qr(text), {})) CHECK(ran.out.find(line) != std::string::npos);
  }
  CHECK(ran.out.find("this code lives 3 s, 4 more will come") != std::string::npos);
  CHECK(ran.out.find("this code lives 2 s, 4 more will come") != std::string::npos);
  CHECK(left_on_screen(ran.out) == "linked: 6281234567890\n\n");
}

TEST_CASE("no way out leaves a code on the screen") {
  Linking linking{code(kFirst, 1, "2026-03-10T10:30:40Z")};
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  SECTION("Ctrl-C") {
    Program program = on_terminal(daemon, 100, 50);
    program.clock.is_interrupted = true;
    const Ran ran = program.run({"qr", "ses_1"});
    CHECK(ran.exit_code == 130);
    CHECK(left_on_screen(ran.out) == "\n");
  }
  SECTION("the time given is over") {
    Program program = on_terminal(daemon, 100, 50);
    const Ran ran = program.run({"qr", "ses_1", "--timeout", "1s"});
    CHECK(ran.exit_code == 8);
    CHECK(left_on_screen(ran.out) == "\n");
  }
  SECTION("the codes ran out") {
    Program program = on_terminal(daemon, 100, 50);
    program.clock.on_pause = [&] { linking.qr = status("DISCONNECTED", "QR_TIMEOUT"); };
    const Ran ran = program.run({"qr", "ses_1"});
    CHECK(ran.exit_code == 8);
    CHECK(left_on_screen(ran.out) == "\n");
  }
}

TEST_CASE("a terminal that is too small is told so, and gets the code once it is enlarged") {
  Linking linking{code(kFirst, 1, "2026-03-10T10:30:40Z")};
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  Program program = on_terminal(daemon, 80, 24);
  program.clock.on_pause = [&] {
    if (program.clock.pauses.size() == 1) program.terminal.rows = 60;
    if (program.clock.pauses.size() == 2) linking.qr = status("CONNECTED");
  };
  const Ran ran = program.run({"qr", "ses_1"});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.find("this terminal has 80 and 24") != std::string::npos);
  CHECK(ran.out.find("konekwa qr ses_1 --png qr.png") != std::string::npos);
  CHECK(ran.out.find(render(*make_qr(kFirst), {}).at(10)) != std::string::npos);
}

TEST_CASE("a silent daemon hides the code, and is given up after ten seconds") {
  auto daemon = std::make_unique<FakeDaemon>(Linking{code(kFirst, 1, "2026-03-10T10:30:40Z")});
  Program program = on_terminal(*daemon, 100, 50);
  program.clock.on_pause = [&] { daemon.reset(); };
  const Ran ran = program.run({"qr", "ses_1"});
  CHECK(ran.exit_code == 7);
  CHECK(ran.out.find("konekwad does not answer, trying again") != std::string::npos);
  CHECK(left_on_screen(ran.out) == "\n");
  CHECK(program.clock.elapsed() >= seconds(10));
  CHECK(program.clock.elapsed() <= seconds(11));
}

TEST_CASE("a link that is slow keeps the code on the screen as long as it lives, and no longer") {
  Linking linking{code(kFirst, 1, "2026-03-10T10:30:12Z")};
  SlowRoad road;
  FakeDaemon daemon([&](const Asked& asked) {
    road.wait();
    return linking(asked);
  });
  Program program = on_terminal(daemon, 100, 50);
  road.slow_down(program, seconds(5));
  program.clock.on_pause = [&] {
    if (program.clock.elapsed() < seconds(20)) return;
    linking.qr = status("CONNECTED");
    road.end();
  };
  const Ran ran = program.run({"qr", "ses_1"});
  CHECK(ran.exit_code == 0);
  const std::size_t waiting = ran.out.find("waiting for a code ..."), shown = ran.out.find("this code lives 2 s"),
                    goes_on = ran.out.find("this code lives 1 s"), over = ran.out.find("changing the code ...");
  REQUIRE(over != std::string::npos);
  CHECK(waiting < shown);
  CHECK(shown < goes_on);
  CHECK(goes_on < over);
  CHECK(ran.out.find("does not answer") == std::string::npos);
  CHECK(left_on_screen(ran.out) == "linked: 6281234567890\n\n");
}

TEST_CASE("a clock that is ahead hides no code") {
  Linking linking{code(kFirst, 1, "2026-03-10T10:30:12Z")};
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  Program program = on_terminal(daemon, 100, 50);
  program.clock.start += hours(1);
  program.clock.on_pause = [&] {
    if (program.clock.pauses.size() == 20) linking.qr = status("CONNECTED");
  };
  const Ran ran = program.run({"qr", "ses_1"});
  CHECK(ran.out.find("this code lives 32 s") != std::string::npos);
  CHECK(ran.out.find("this code lives 23 s") != std::string::npos);
  CHECK(ran.out.find("changing the code") == std::string::npos);
}

TEST_CASE("who waits for nothing is told after a second, and can end it") {
  SlowRoad road;
  FakeDaemon daemon([&](const Asked&) {
    road.wait();
    return Answered{};
  });
  Program program = on_terminal(daemon, 100, 50);
  road.slow_down(program, hours(1));
  SECTION("by Ctrl-C") {
    program.clock.on_wait = [&] { program.clock.is_interrupted = program.clock.elapsed() > seconds(1); };
    const Ran ran = program.run({"qr", "ses_1"});
    CHECK(ran.exit_code == 130);
    CHECK(ran.out.find("waiting for a code ...") != std::string::npos);
    CHECK(program.clock.elapsed() < seconds(2));
  }
  SECTION("by the time that is given") {
    const Ran ran = program.run({"pair", "Toko", "--timeout", "3s"});
    CHECK(ran.exit_code == 8);
    CHECK(program.clock.elapsed() < seconds(4));
  }
  road.end();
}

TEST_CASE("the signature in qr_url goes with both requests") {
  Linking linking{code(kFirst, 1, "2026-03-10T10:30:40Z"), "/api/v1/qr/ses_1/image?t=1.abc"};
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  const std::string file = "/tmp/konekwa-test-qr-" + std::to_string(::getpid());
  const Ran ran = Program(daemon.url()).run({"qr", "ses_1", "--png", file});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == file + "\n");
  std::stringstream content;
  content << std::ifstream(file).rdbuf();
  CHECK(content.str() == "\x89PNG");
  ::unlink(file.c_str());
  REQUIRE(daemon.asked().size() == 3);
  CHECK(daemon.asked()[1].target == "/api/v1/qr/ses_1?t=1.abc");
  CHECK(daemon.asked()[2].target == "/api/v1/qr/ses_1/image?t=1.abc");
}

TEST_CASE("without the right to see sessions the public address is used") {
  Linking linking{code(kFirst, 1, "2026-03-10T10:30:40Z")};
  linking.may_see_sessions = false;
  FakeDaemon daemon([&](const Asked& asked) { return linking(asked); });
  CHECK(Program(daemon.url()).run({"qr", "ses_1", "-q"}).out == kFirst + "\n");
  CHECK(daemon.asked().back().target == "/api/v1/qr/ses_1");
}
