#include <catch2/catch.hpp>

#include "cli/progress.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <fstream>
#include <map>

#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

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

// "1" and "2": whom a message is for.
int recipient_of(const Asked& asked) {
  return std::stoi(nlohmann::json::parse(asked.body)["recipient"].get<std::string>());
}

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

TEST_CASE("what was accepted is named also where it may not be waited for") {
  for (const bool is_interrupted : {false, true}) {
    Program* running = nullptr;
    FakeDaemon daemon([&](const Asked& asked) {
      if (asked.method == "POST") return Answered{202, R"({"message_id":"msg_)" + std::to_string(recipient_of(asked)) +
                                                           R"(","status":"QUEUED"})"};
      if (asked.target == "/v1/sessions/s") return Answered{200, R"({"id":"s"})"};
      running->clock.is_interrupted = is_interrupted;
      if (is_interrupted) return Answered{200, R"({"status":"QUEUED"})"};
      return Answered{403, R"({"error":{"code":"FORBIDDEN","message":"no"}})"};
    });
    Program program(daemon.url());
    running = &program;
    const Ran ran = program.run({"send", "--session", "s", "--to", "1", "--to", "2", "--wait", "read", "Halo", "-q"});
    CHECK(ran.exit_code == (is_interrupted ? 130 : 4));
    CHECK(ran.out == "msg_1\nmsg_2\n");
    const bool has_hint = ran.err.find("the messages were accepted; only waiting for them needs") != std::string::npos;
    CHECK(has_hint != is_interrupted);
  }
}

TEST_CASE("all messages are waited for in the same time, and what is late has not failed otherwise") {
  FakeDaemon daemon([&](const Asked& asked) {
    if (asked.method == "POST") return Answered{202, R"({"message_id":"msg_1","status":"QUEUED"})"};
    return Answered{200, R"({"id":"s","status":"SENT"})"};
  });
  Program program(daemon.url());
  const Ran ran = program.run({"send", "--session", "s", "--to", "1", "--to", "2", "--to", "3", "--wait", "read",
                               "--timeout", "4s", "Halo", "--jsonl"});
  CHECK(ran.exit_code == 8);
  CHECK(program.clock.elapsed() < seconds(5));
  CHECK(ran.out.find(R"("error":{"code":"TIMEOUT","message":"the message is SENT after 4s"})") != std::string::npos);
  CHECK(ran.err.find("3 of 3 messages are not read after 4s") != std::string::npos);
}

TEST_CASE("a row that was accepted before and failed is told as failed") {
  FakeDaemon daemon([&](const Asked& asked) {
    if (asked.method == "POST") {
      return Answered{202, R"({"message_id":"msg_1","status":"QUEUED"})", "application/json",
                      {{"Idempotent-Replayed", "true"}}};
    }
    if (asked.target == "/v1/sessions/s") return Answered{200, R"({"id":"s"})"};
    return Answered{200, R"({"status":"FAILED","error":{"code":"RECIPIENT_NOT_ON_WHATSAPP","message":"no"}})"};
  });
  const Ran ran = Program(daemon.url()).run({"send", "--session", "s", "--csv", "-", "Halo", "--fields", "status"},
                                            "to\n1\n");
  CHECK(ran.exit_code == 1);
  CHECK(ran.out == "STATUS\nFAILED\n");
}

TEST_CASE("Ctrl-C ends it between two rows") {
  Sender sender;
  sender.program.clock.on_pause = [&] { sender.program.clock.is_interrupted = sender.office.accepted.size() == 1; };
  const Ran ran = sender.send(kTable);
  CHECK(ran.exit_code == 130);
  CHECK(ran.out == "msg_1\n");
}

TEST_CASE("Ctrl-C while one is sent tells how to repeat it, whose key is of our making") {
  const auto broken_off = [](std::vector<std::string> words) {
    Program* running = nullptr;
    FakeDaemon daemon([&](const Asked& asked) {
      if (asked.method == "GET") return Answered{200, R"({"id":"s"})"};
      running->clock.is_interrupted = true;
      ::shutdown(running->clock.socket, SHUT_RDWR);   // as the signal does; from then on nobody waits for this thread
      return Answered{202, "{}"};
    });
    Program program(daemon.url());
    running = &program;
    words.insert(words.begin(), {"send", "--session", "s", "Halo"});
    const Ran ran = program.run(words, "to\n1\n2\n");
    CHECK(ran.exit_code == 130);
    return ran.err;
  };
  const std::string to_many = broken_off({"--to", "1", "--to", "2"});
  CHECK(to_many.find("whether it was done; with --idempotency-key a repeated send is safe\n") != std::string::npos);
  const std::string with_key = broken_off({"--to", "1", "--to", "2", "--idempotency-key", "k"});
  CHECK(with_key.find("repeated with the same key it is done once\n") != std::string::npos);
  const std::string table = broken_off({"--csv", "-"});
  CHECK(table.find("the same command goes on from here; nothing is sent twice\n") != std::string::npos);
  CHECK(table.find("hint: nobody knows whether it was done\n") != std::string::npos);
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

TEST_CASE("why a row was refused is told in every form") {
  const std::string table = "to,nama\n1,Ani\nbad,\"Budi\nB\"\nbad,Cici\n";
  CHECK(Sender().send_in_full(table).out ==
        "ROW  RECIPIENT  ID                              STATUS     ERROR\n"
        "2    1          msg_1                           QUEUED     \n"
        "3    bad                                        REFUSED    INVALID_RECIPIENT: no: Field 'recipient'\n"
        "4    bad                                        REFUSED    INVALID_RECIPIENT: no: Field 'recipient'\n");
  const Ran quiet = Sender().send(table);
  CHECK(quiet.out == "msg_1\n");
  CHECK(quiet.err == "konekwa: error: line 3, to bad: no: Field 'recipient' (INVALID_RECIPIENT)\n"
                     "konekwa: error: line 5, to bad: no: Field 'recipient' (INVALID_RECIPIENT)\n"
                     "konekwa: error: 2 of 3 messages failed\n");
  const Ran json = Sender().send_in_full(table, {"--json"});
  CHECK(json.exit_code == 1);
  CHECK(json.out.find(R"("error":{"code":"INVALID_RECIPIENT","message":"no","details":"Field 'recipient'"})") !=
        std::string::npos);
  CHECK(json.err == R"({"error":{"code":"MESSAGES_FAILED","message":"2 of 3 messages failed"}})" "\n");
}

TEST_CASE("a dry run has columns of its own, and fields are aligned over all rows") {
  Sender sender;
  const std::string table = "to,nama\n1,Ani\n6281234567890,\"Budi, B\"\nbad,C\n";
  CHECK(sender.send_in_full(table, {"--dry-run"}).out == "ROW  RECIPIENT      TYPE  CONTENT\n"
                                                         "2    1              text  nama=Ani\n"
                                                         "3    6281234567890  text  nama=Budi, B\n"
                                                         "4    bad            text  nama=C\n");
  CHECK(sender.office.accepted.empty());
  const Ran fields = sender.send_in_full(table, {"--fields", "recipient,status,error.code,row"});
  CHECK(fields.out == "RECIPIENT      STATUS     ERROR.CODE         ROW\n"
                      "1              QUEUED                        2\n"
                      "6281234567890  QUEUED                        3\n"
                      "bad            REFUSED    INVALID_RECIPIENT  4\n");
  CHECK(fields.err.find("has the field") == std::string::npos);
  CHECK(sender.send_in_full(table, {"--fields", "row,colour"}).err.find("has the field colour") != std::string::npos);
}

TEST_CASE("a table from a pipe has the keys that it had, whatever the pipe is called") {
  Office office;
  FakeDaemon daemon{[&](const Asked& asked) { return office(asked); }};
  const auto send = [&](const std::string& name) {
    return Program(daemon.url()).run({"send", "--session", "s", "--text", "Halo", "--csv", name, "-q"}, kTable);
  };
  CHECK(send("-").out == "msg_1\nmsg_2\n");
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], kTable.data(), kTable.size()) == static_cast<ssize_t>(kTable.size()));
  ::close(ends[1]);
  CHECK(send("/dev/fd/" + std::to_string(ends[0])).out == "msg_1\nmsg_2\n");
  ::close(ends[0]);
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
