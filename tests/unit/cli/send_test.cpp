#include <catch2/catch.hpp>

#include <sys/socket.h>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <nlohmann/json.hpp>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

const std::vector<std::string> kSend = {"send", "--session", "ses_1", "--to", "6281234567890", "--text", "Halo"};

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string message(const std::string& status) { return R"({"id":"msg_1","status":")" + status + R"("})"; }

// Accepts a message; then tells one status of the list for each time it is asked, and goes on telling the last.
class Postman {
 public:
  explicit Postman(std::vector<std::string> bodies) : bodies_(std::move(bodies)) {}
  Answered operator()(const Asked& asked) {
    if (asked.method == "POST") return {202, R"({"message_id":"msg_1","status":"QUEUED"})"};
    const std::string body = bodies_.at(std::min(next_, bodies_.size() - 1));
    ++next_;
    return {200, body};
  }

 private:
  std::vector<std::string> bodies_;
  std::size_t next_ = 0;
};

}  // namespace

TEST_CASE("send hands over the message and returns when it is accepted") {
  FakeDaemon daemon(Postman({message("SENT")}));
  const Ran ran = Program(daemon.url()).run(with(kSend, {"--idempotency-key", "order-771"}));
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == "msg_1  QUEUED\n");
  REQUIRE(daemon.asked().size() == 1);
  CHECK(daemon.asked()[0].body ==
        R"({"session_id":"ses_1","recipient":"6281234567890","message_type":"text","content":"Halo"})");
  CHECK(daemon.asked()[0].header("Idempotency-Key") == "order-771");
}

TEST_CASE("text from stdin loses one line end, and no more") {
  FakeDaemon daemon(Postman({message("SENT")}));
  const std::vector<std::string> words{"send", "--session", "s", "--to", "6281234567890", "--text", "-"};
  const auto content = [&] { return nlohmann::json::parse(daemon.asked().back().body)["content"].get<std::string>(); };
  CHECK(Program(daemon.url()).run(words, "one\ntwo\n\n").exit_code == 0);
  CHECK(content() == "one\ntwo\n");
  CHECK(Program(daemon.url()).run(words, std::string(65'536, 'x') + "\n").exit_code == 0);
  CHECK(content().size() == 65'536);
  CHECK(Program(daemon.url()).run(words, std::string(65'537, 'x')).exit_code == 2);
  CHECK(Program(daemon.url()).run(words, std::string(65'536, 'x') + "\nx").exit_code == 2);
}

TEST_CASE("a person who is to type the text is told so") {
  FakeDaemon daemon(Postman({message("SENT")}));
  Program program(daemon.url());
  program.is_typing = true;
  const Ran ran = program.run({"send", "--session", "s", "--to", "6281234567890", "--text", "-"}, "Halo\n");
  CHECK(ran.err == "konekwa: type the text, end it with Ctrl-D on a line of its own\n");
  CHECK(ran.exit_code == 0);
}

TEST_CASE("--wait asks at growing intervals until the message has come far enough") {
  FakeDaemon daemon(
      Postman({message("QUEUED"), message("SENDING"), message("SENT"), message("SENT"), message("DELIVERED")}));
  Program program(daemon.url());
  const Ran ran = program.run(with(kSend, {"--wait", "delivered", "--json"}));
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == message("DELIVERED") + "\n");
  CHECK(program.clock.pauses ==
        std::vector<Duration>{milliseconds(20), milliseconds(30), milliseconds(45), milliseconds(67)});
}

TEST_CASE("a status beyond the one waited for is enough") {
  FakeDaemon daemon(Postman({message("READ")}));
  CHECK(Program(daemon.url()).run(with(kSend, {"--wait", "sent"})).exit_code == 0);
}

TEST_CASE("--wait gives up after --timeout with exit code 8 and prints the message as it is") {
  FakeDaemon daemon(Postman({message("QUEUED")}));
  Program program(daemon.url());
  const Ran ran = program.run(with(kSend, {"--wait", "sent", "--timeout", "3s"}));
  CHECK(ran.exit_code == 8);
  CHECK(ran.out == "msg_1  QUEUED\n");
  CHECK(ran.err.find("the message is QUEUED after 3s") != std::string::npos);
  CHECK(program.clock.elapsed() == seconds(3));
  CHECK(*std::max_element(program.clock.pauses.begin(), program.clock.pauses.end()) == milliseconds(500));
}

TEST_CASE("a message that will not arrive is exit code 9, whatever its error code") {
  for (const std::string code : {"RECIPIENT_NOT_ON_WHATSAPP", "FROM_THE_FUTURE"}) {
    const std::string error = R"({"code":")" + code + R"(","message":"no","details":"6280000000001"})";
    const std::string body = R"({"id":"msg_1","status":"FAILED","error":)" + error + "}";
    FakeDaemon daemon(Postman({body}));
    const Ran text = Program(daemon.url()).run(with(kSend, {"--wait", "sent"}));
    CHECK(text.exit_code == 9);
    CHECK(text.out == "msg_1  FAILED\n");
    CHECK(text.err.find("konekwa: error: no: 6280000000001 (" + code + ")\n") == 0);
    const Ran json = Program(daemon.url()).run(with(kSend, {"--wait", "sent", "--json"}));
    CHECK(json.exit_code == 9);
    CHECK(json.out == body + "\n");
    CHECK(json.err == R"({"error":)" + error + "}\n");
  }
  for (const std::string status : {"EXPIRED", "CANCELLED"}) {
    FakeDaemon daemon(Postman({message(status)}));
    const Ran ran = Program(daemon.url()).run(with(kSend, {"--wait", "sent"}));
    CHECK(ran.exit_code == 9);
    CHECK(ran.out == "msg_1  " + status + "\n");
    CHECK(ran.err == "konekwa: error: the message is " + status + "\n");
  }
}

TEST_CASE("--wait outlives refusals that pass: a restart, a limit of requests") {
  int asked = 0;
  FakeDaemon daemon([&](const Asked& request) {
    if (request.method == "POST") return Answered{202, R"({"message_id":"msg_1","status":"QUEUED"})"};
    if (++asked == 1) return Answered{503, R"({"error":{"code":"SHUTTING_DOWN","message":"x"}})"};
    if (asked == 2) return Answered{429, R"({"error":{"code":"RATE_LIMIT_EXCEEDED","message":"x"}})"};
    return Answered{200, message("SENT")};
  });
  CHECK(Program(daemon.url()).run(with(kSend, {"--wait", "sent"})).exit_code == 0);
  CHECK(asked == 3);
}

TEST_CASE("while a message is SCHEDULED the time of --timeout does not run, and it is asked for rarely") {
  const std::string scheduled = R"({"id":"msg_1","status":"SCHEDULED","scheduled_at":"2026-03-10T10:40:00Z"})";
  FakeDaemon daemon(Postman({scheduled, scheduled, scheduled, message("QUEUED"), message("SENT")}));
  Program program(daemon.url());
  const Ran ran = program.run(with(kSend, {"--at", "2026-03-10T10:40:00Z", "--wait", "sent", "--timeout", "1s"}));
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == "msg_1  SENT\n");
  CHECK(program.clock.pauses == std::vector<Duration>{seconds(30), seconds(30), seconds(30), milliseconds(20)});
}

TEST_CASE("a scheduled message is asked for more often when its time is near, or has come by our clock only") {
  const std::string near = R"({"id":"msg_1","status":"SCHEDULED","scheduled_at":"2026-03-10T10:30:04Z"})";
  FakeDaemon daemon(Postman({near, near, near, near, message("SENT")}));
  Program program(daemon.url());
  CHECK(program.run(with(kSend, {"--at", "2026-03-10T10:30:04Z", "--wait", "sent", "--timeout", "1s"})).exit_code == 0);
  CHECK(program.clock.pauses == std::vector<Duration>{seconds(2), seconds(1), milliseconds(500), milliseconds(500)});
}

TEST_CASE("Ctrl-C during --wait ends it with 130; the message stays in the queue") {
  FakeDaemon daemon(Postman({message("QUEUED")}));
  Program program(daemon.url());
  program.clock.on_pause = [&] { program.clock.is_interrupted = true; };
  const Ran ran = program.run(with(kSend, {"--wait", "sent"}));
  CHECK(ran.exit_code == 130);
  CHECK(ran.err == "konekwa: the message msg_1 stays in the queue\n");
}

TEST_CASE("Ctrl-C while the state is asked for says the same as between two questions") {
  FakeDaemon daemon(Postman({message("QUEUED")}));
  Program program(daemon.url());
  program.clock.on_socket = [&](int) { program.clock.is_interrupted = !program.clock.pauses.empty(); };
  const Ran ran = program.run(with(kSend, {"--wait", "sent"}));
  CHECK(ran.exit_code == 130);
  CHECK(ran.out == "msg_1  QUEUED\n");
  CHECK(ran.err == "konekwa: the message msg_1 stays in the queue\n");
}

TEST_CASE("a request that may have been carried out is not broken off without a word") {
  Program* running = nullptr;
  FakeDaemon daemon([&](const Asked&) {
    running->clock.is_interrupted = true;
    ::shutdown(running->clock.socket, SHUT_RDWR);   // as the signal does; from then on nobody waits for this thread
    return Answered{202, "{}"};
  });
  Program program(daemon.url());
  running = &program;
  const Ran ran = program.run(kSend);
  CHECK(ran.exit_code == 130);
  CHECK(ran.out.empty());
  CHECK(ran.err == "konekwa: error: ended before the answer came\n"
                   "konekwa: hint: nobody knows whether it was done; with --idempotency-key a repeated send is safe\n");
}

TEST_CASE("--at takes a time from now, and none that is long past") {
  FakeDaemon daemon(Postman({}));
  const auto body_at = [&](std::vector<std::string> more) {
    more.insert(more.begin(), "--at");
    const Ran ran = Program(daemon.url()).run(with(kSend, more));
    return ran.exit_code == 0 ? daemon.asked().back().body : ran.err;
  };
  CHECK(body_at({"+2h"}).find(R"("send_at":"2026-03-10T12:30:00Z")") != std::string::npos);
  CHECK(body_at({"+30m"}).find(R"("send_at":"2026-03-10T11:00:00Z")") != std::string::npos);
  CHECK(body_at({"+1d"}).find(R"("send_at":"2026-03-11T10:30:00Z")") != std::string::npos);
  CHECK(body_at({"2026-03-10T10:25:00Z"}).find(R"("send_at":"2026-03-10T10:25:00Z")") != std::string::npos);
  const std::size_t before = daemon.asked().size();
  CHECK(body_at({"2026-03-10T10:30:00+07:00"}) ==
        "konekwa: error: --at is 7h in the past: 2026-03-10 10:30:00 in the zone UTC+07:00, where it is "
        "2026-03-10 17:30:00 now\n"
        "konekwa: hint: Z is UTC: write the zone as +07:00, or so long from now as +2h\n");
  CHECK(body_at({"2026-03-10T10:24:59Z"}).starts_with("konekwa: error: --at is 5m in the past: 2026-03-10 10:24:59 "
                                                      "in the zone UTC, where it is 2026-03-10 10:30:00 now\n"));
  CHECK(body_at({"+2h", "--idempotency-key", "k"}).starts_with("konekwa: error: --at needs a point in time here"));
  CHECK(body_at({"2026-03-09T10:29:59Z", "--idempotency-key", "k"}).starts_with("konekwa: error: --at is 1d in the "));
  CHECK(body_at({"+soon"}).starts_with("konekwa: error: --at: not a time: '+soon'"));
  CHECK(Program(daemon.url()).run(with(kSend, {"--at", "2026-03-10T10:24:59Z"})).exit_code == 2);
  CHECK(daemon.asked().size() == before);
}

TEST_CASE("what may be repeated goes on after its time") {
  FakeDaemon daemon(Postman({}));
  const Ran ran = Program(daemon.url()).run(with(kSend, {"--at", "2026-03-10T09:00:00Z", "--idempotency-key", "k"}));
  CHECK(ran.exit_code == 0);
  CHECK(ran.err == "konekwa: --at is 90m in the past: what was not sent before goes at once\n");
  CHECK(daemon.asked().back().body.find(R"("send_at":"2026-03-10T09:00:00Z")") != std::string::npos);
}

TEST_CASE("who may send and not look gets the id of what was sent all the same") {
  FakeDaemon daemon([](const Asked& asked) {
    if (asked.method == "POST") return Answered{202, R"({"message_id":"msg_1","status":"QUEUED"})"};
    return Answered{403, R"({"error":{"code":"FORBIDDEN","message":"the API key lacks the scope for this"}})"};
  });
  const Ran ran = Program(daemon.url()).run(with(kSend, {"--wait", "sent"}));
  CHECK(ran.exit_code == 4);
  CHECK(ran.out == "msg_1  QUEUED\n");
  CHECK(ran.err.find("hint: the message was accepted; only waiting for it needs this scope") != std::string::npos);
}

TEST_CASE("messages wait ends in its time, also while the message is scheduled") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"id":"msg_1","status":"SCHEDULED","scheduled_at":"2026-03-10T11:30:00Z"})"};
  });
  Program program(daemon.url());
  CHECK(program.run({"messages", "wait", "msg_1", "--timeout", "12s"}).exit_code == 8);
  CHECK(program.clock.elapsed() >= seconds(12));
  CHECK(program.clock.elapsed() <= seconds(13));
}
