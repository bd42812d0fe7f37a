#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

namespace {

const std::string kSession = R"({"id":"s1","name":"CS","status":"CONNECTED","settings":{"auto_read":true,)"
                             R"("auto_typing":false},"proxy_url":"socks5://u:***@p:1","health":{"queued":3,)"
                             R"("oldest_queued_age_s":42,"webhook_pending":0}})";

}  // namespace

TEST_CASE("a session is shown with its settings, its proxy and what waits") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, kSession}; });
  CHECK(Program(daemon.url()).run({"sessions", "show", "s1"}).out ==
        "id:                  s1\n"
        "name:                CS\n"
        "status:              CONNECTED\n"
        "auto read:           on\n"
        "auto typing:         off\n"
        "proxy:               socks5://u:***@p:1\n"
        "messages waiting:    3\n"
        "the oldest for (s):  42\n");
}

TEST_CASE("a session shows where its events go, and which") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"id":"s1","webhooks":{"message":"https://e.com/wa","events":["message.*","session.qr"],)"
                         R"("ignore_chats":["groups"],"headers":{"X-Key":"***","X-Shop":"***"}}})"};
  });
  CHECK(Program(daemon.url()).run({"sessions", "webhooks", "s1"}).out ==
        "id:                    s1\n"
        "webhook for messages:  https://e.com/wa\n"
        "webhook events:        message.*, session.qr\n"
        "ignored chats:         groups\n"
        "webhook headers:       X-Key, X-Shop\n");
}

TEST_CASE("headers of webhooks are read from stdin, where others do not see them") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, kSession}; });
  Program konekwa(daemon.url());
  CHECK(konekwa.run({"sessions", "webhooks", "s1", "--header", "-", "--header", "X-Shop: toko"},
                    "Authorization: Bearer abc\r\nX-Key: 12\n").exit_code == 0);
  CHECK(daemon.asked().back().body ==
        R"({"headers":{"Authorization":"Bearer abc","X-Key":"12","X-Shop":"toko"}})");
  const Ran wrong = konekwa.run({"sessions", "webhooks", "s1", "--header", "-"}, "no header\n");
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.err == "konekwa: error: a header is 'Name: value'\n");
}

TEST_CASE("sessions set changes proxy and settings, and answers once") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, kSession}; });
  const Ran ran = Program(daemon.url()).run({"sessions", "set", "s1", "--proxy", "-", "--auto-read", "on", "--json"},
                                            "socks5://u:p@p:1\n");
  CHECK(ran.exit_code == 0);
  CHECK(ran.out == kSession + "\n");
  REQUIRE(daemon.asked().size() == 2);
  CHECK(daemon.asked()[0].target == "/v1/sessions/s1");
  CHECK(daemon.asked()[0].body == R"({"proxy_url":"socks5://u:p@p:1"})");
  CHECK(daemon.asked()[1].target == "/v1/sessions/s1/settings");
  CHECK(daemon.asked()[1].body == R"({"auto_read":true})");
}

TEST_CASE("a proxy that is refused changes nothing else") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{400, R"({"error":{"code":"INVALID_PROXY_URL","message":"no"}})"};
  });
  const Ran ran = Program(daemon.url()).run({"sessions", "set", "s1", "--proxy", "ftp://p", "--auto-read", "on"});
  CHECK(ran.exit_code == 2);
  CHECK(daemon.asked().size() == 1);
}

TEST_CASE("what cannot be undone asks for --yes") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"message":"All sessions deleted successfully","deleted_count":3})"};
  });
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"sessions", "reset", "s1"}, std::vector<std::string>{"sessions", "delete", "--all"}}) {
    const Ran ran = Program(daemon.url()).run(words);
    CHECK(ran.exit_code == 2);
    CHECK(ran.err.ends_with("konekwa: hint: add --yes if that is meant\n"));
  }
  CHECK(daemon.asked().empty());
  CHECK(Program(daemon.url()).run({"sessions", "delete", "--all", "--yes"}).out ==
        "All sessions deleted successfully: 3\n");
}

TEST_CASE("restart-qr --qr shows the code that comes") {
  FakeDaemon daemon([](const Asked& asked) {
    if (asked.method == "POST") {
      return Answered{200, R"({"message":"QR restarted successfully","id":"s1","status":"CONNECTING"})"};
    }
    if (asked.target == "/v1/sessions/s1") return Answered{200, R"({"qr_url":"/api/v1/qr/s1/image"})"};
    return Answered{200, R"({"session_id":"s1","status":"WAITING_QR","qr":"https://wa.me/x"})"};
  });
  CHECK(Program(daemon.url()).run({"sessions", "restart-qr", "s1", "--qr", "-q"}).out == "s1\nhttps://wa.me/x\n");
}

TEST_CASE("a rotated secret is printed, and until when the other one counts") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, R"({"secret":"whsec_2"})"}; });
  const Ran ran = Program(daemon.url()).run({"webhooks", "secret", "s1", "--rotate"});
  CHECK(ran.out == "whsec_2\n");
  CHECK(ran.err == "konekwa: the secret before signs too for another 24 hours\n");
}
