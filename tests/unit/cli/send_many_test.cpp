#include <catch2/catch.hpp>

#include "cli/progress.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <fstream>
#include <map>

#include <nlohmann/json.hpp>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

// Keeps what it accepted by its key, as konekwad does, and refuses the recipient "bad".
struct Office {
  Answered operator()(const Asked& asked) {
    if (asked.target == "/v1/templates/tpl_1") return {200, R"({"id":"tpl_1","placeholders":["nama"]})"};
    if (asked.method == "GET") return {200, R"({"id":"s"})"};
    if (!failures.empty()) {
      const Answered answered = failures.back();
      failures.pop_back();
      return answered;
    }
    const auto body = nlohmann::json::parse(asked.body);
    if (body["recipient"] == "bad") {
      return {400, R"({"error":{"code":"INVALID_RECIPIENT","message":"no","details":"Field 'recipient'"}})"};
    }
    const std::string key = asked.header("Idempotency-Key");
    const bool is_known = accepted.contains(key);
    if (!is_known) accepted.emplace(key, "msg_" + std::to_string(accepted.size() + 1));
    Answered out{202, R"({"message_id":")" + accepted[key] + R"(","status":"QUEUED"})"};
    if (is_known) out.headers = {{"Idempotent-Replayed", "true"}};
    return out;
  }
  std::map<std::string, std::string> accepted;
  std::vector<Answered> failures;   // the last comes first
};

struct Sender {
  Ran send(const std::string& table, std::vector<std::string> more = {}) {
    more.emplace_back("-q");
    return send_in_full(table, std::move(more));
  }
  Ran send_in_full(const std::string& table, std::vector<std::string> more = {}) {
    std::ofstream(dir.file("a.csv")) << table;
    more.insert(more.begin(), {"send", "--session", "s", "--template", "tpl_1", "--csv", dir.file("a.csv")});
    return program.run(more);
  }
  test::TempDir dir;
  Office office;
  FakeDaemon daemon{[this](const Asked& asked) { return office(asked); }};
  Program program{daemon.url()};
};

const std::string kTable = "to,nama\n1,Ani\n2,Budi\n";

}  // namespace

TEST_CASE("each row is sent once, however often the command is run and wherever rows are put in") {
  Sender sender;
  CHECK(sender.send(kTable).out == "msg_1\nmsg_2\n");
  CHECK(sender.send(kTable).out == "msg_1\nmsg_2\n");
  CHECK(sender.send("to,nama\n3,Cici\n1,Ani\n2,Budi\n1,Ani\n").out == "msg_3\nmsg_1\nmsg_2\nmsg_4\n");
  CHECK(sender.send(kTable, {"--idempotency-key", "again"}).out == "msg_5\nmsg_6\n");
  CHECK(sender.office.accepted.size() == 6);
}

TEST_CASE("a refused row is passed over, and the exit code says so") {
  Sender sender;
  const Ran ran = sender.send("to,nama\n1,Ani\nbad,Budi\n2,Cici\n");
  CHECK(ran.exit_code == 1);
  CHECK(ran.out == "msg_1\nmsg_2\n");
}

TEST_CASE("a daemon that is full or restarts is waited for; one that refuses ends it") {
  Sender sender;
  sender.office.failures = {{429, R"({"error":{"code":"QUEUE_FULL","message":"no"}})"},
                            {503, R"({"error":{"code":"SHUTTING_DOWN","message":"no"}})"}};
  CHECK(sender.send(kTable).out == "msg_1\nmsg_2\n");
  sender.office.failures = {{409, R"({"error":{"code":"SESSION_NOT_ACTIVE","message":"no"}})"}};
  const Ran ran = sender.send(kTable);
  CHECK(ran.exit_code == 5);
  CHECK(ran.out.empty());
  CHECK(sender.program.clock.elapsed() < seconds(2));
}

TEST_CASE("Ctrl-C ends it between two rows") {
  Sender sender;
  sender.program.clock.on_pause = [&] { sender.program.clock.is_interrupted = sender.office.accepted.size() == 1; };
  const Ran ran = sender.send(kTable);
  CHECK(ran.exit_code == 130);
  CHECK(ran.out == "msg_1\n");
}

TEST_CASE("nothing is sent when a row lacks a value, or on a dry run") {
  Sender sender;
  CHECK(sender.send("to,name\n1,Ani\n").exit_code == 2);
  CHECK(sender.send(kTable, {"--dry-run"}).exit_code == 0);
  CHECK(sender.office.accepted.empty());
  CHECK(sender.send("to,name\n1,Ani\n", {"--set", "nama=@name"}).exit_code == 0);
  CHECK(sender.daemon.asked().back().body.find(R"("nama":"Ani")") != std::string::npos);
  CHECK(sender.send("to,name\n1,Ani\n", {"--set", "nama=@@name"}).exit_code == 0);
  CHECK(sender.daemon.asked().back().body.find(R"("nama":"@name")") != std::string::npos);
}

TEST_CASE("progress is drawn ten times a second at most, and cleared for rows of the same screen only") {
  const auto drawings = [](bool is_on_screen) {
    Sender sender;
    sender.program.err_terminal.has_cursor = true;
    sender.program.terminal.is_tty = is_on_screen;
    sender.program.clock.on_socket = [&](int socket) {
      if (socket == api::ApiClient::kNoSocket) sender.program.clock.pause(milliseconds(20));   // each takes its time
    };
    std::string table = "to,nama\n";
    for (int i = 0; i < 100; ++i) table += std::to_string(i) + ",Ani\n";
    const std::string err = sender.send_in_full(table).err;
    CHECK(err.find("\r\033[Kkonekwa: 100 of 100") != std::string::npos);   // nothing is left behind
    std::size_t bars = 0, clears = 0;
    for (std::size_t at = err.find("\r\033[K"); at != std::string::npos; at = err.find("\r\033[K", at + 1)) {
      (err.compare(at + 4, 1, "[") == 0 ? bars : clears) += 1;
    }
    return std::pair(bars, clears);
  };
  const auto elsewhere = drawings(false), here = drawings(true);
  CHECK(elsewhere.first >= 10);
  CHECK(elsewhere.first <= 20);   // two seconds, less a moment
  CHECK(elsewhere.second == 1);
  CHECK(here.first >= 10);
  CHECK(here.first <= 20);
  CHECK(here.second >= here.first);
}

TEST_CASE("progress is a line that fills, and fits") {
  CHECK(progress_line(0, 0, 10, 79) == "[" + std::string(30, '-') + "] 0/10");
  CHECK(progress_line(5, 2, 10, 79) == "[" + std::string(15, '#') + std::string(15, '-') + "] 5/10, 2 failed");
  CHECK(progress_line(0, 0, 0, 79) == "[" + std::string(30, '#') + "] 0/0");
  CHECK(progress_line(5, 2, 10, 30) == "[######-------] 5/10, 2 failed");
  CHECK(progress_line(5, 2, 10, 20) == "[######-------] 5/10");
  CHECK(progress_line(5, 2, 10, 16) == "5/10, 2 failed");
  CHECK(progress_line(5, 2, 10, 10) == "5/10");
  CHECK(progress_line(5, 2, 10, 3).empty());
  for (int columns = 0; columns < 90; ++columns) {
    CHECK(static_cast<int>(progress_line(12345, 678, 20000, columns).size()) <= columns);
  }
}
