#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

namespace {

// Knows the ids in its lists and nothing else.
Answered look_up(const Asked& asked) {
  const auto has = [&](const char* part) { return (asked.target + asked.body).find(part) != std::string::npos; };
  if (asked.method == "GET" && asked.target == "/v1/sessions") {
    return {200, R"({"sessions":[{"id":"ses_1","name":"Toko Maju"},{"id":"ses_2","name":"Dua"},)"
                 R"({"id":"ses_3","name":"Dua"},{"id":"Empat","name":"Toko Maju 2"},{"id":"ses_4","name":"Empat"}]})"};
  }
  if (asked.method == "GET" && asked.target == "/v1/tokens") {
    return {200, R"({"tokens":[{"id":"tok_1","name":"kasir"}]})"};
  }
  for (const char* known : {"ses_1", "tok_1", "Empat"}) {
    if (has(known)) return {200, R"({"id":"x","message_id":"msg_1","status":"QUEUED"})"};
  }
  const std::string word = has("tokens") ? "TOKEN" : "SESSION";
  return {404, R"({"error":{"code":")" + word + R"(_NOT_FOUND","message":"no"}})"};
}

}  // namespace

TEST_CASE("a name stands for the id of the only one that has it") {
  FakeDaemon daemon(look_up);
  const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
      {{"sessions", "show", "Toko Maju"}, "GET /v1/sessions/ses_1"},
      {{"sessions", "rename", "Toko Maju", "Toko"}, "PATCH /v1/sessions/ses_1"},
      {{"sessions", "connect", "Toko Maju"}, "POST /v1/sessions/ses_1/connect"},
      {{"sessions", "reset", "Toko Maju", "--yes"}, "POST /v1/sessions/ses_1/reset"},
      {{"sessions", "delete", "Toko Maju", "--yes"}, "DELETE /v1/sessions/ses_1"},
      {{"sessions", "set", "Toko Maju", "--auto-read", "on"}, "PATCH /v1/sessions/ses_1/settings"},
      {{"webhooks", "secret", "Toko Maju"}, "GET /v1/sessions/ses_1/webhooks/secret"},
      {{"messages", "list", "--session", "Toko Maju"}, "GET /v1/messages?session_id=ses_1&page_size=20"},
      {{"groups", "list", "--session", "Toko Maju"}, "GET /v1/groups?session_id=ses_1"},
      {{"tokens", "show", "kasir"}, "GET /v1/tokens/tok_1"},
      {{"tokens", "rotate", "kasir"}, "POST /v1/tokens/tok_1/rotate"},
      {{"tokens", "revoke", "kasir", "--yes"}, "DELETE /v1/tokens/tok_1"},
      {{"sessions", "show", "Empat"}, "GET /v1/sessions/Empat"}};   // an id comes first
  for (const auto& [words, request] : table) {
    INFO(request);
    CHECK(Program(daemon.url()).run(words).exit_code == 0);
    CHECK(daemon.asked().back().method + " " + daemon.asked().back().target == request);
  }
  CHECK(Program(daemon.url()).run({"send", "--session", "Toko Maju", "--to", "628", "Halo"}).out == "msg_1  QUEUED\n");
  CHECK(daemon.asked().back().body.starts_with(R"({"session_id":"ses_1",)"));
}

TEST_CASE("a name that several have lists them, and does nothing") {
  FakeDaemon daemon(look_up);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"sessions", "delete", "Dua", "--yes"},
                                                {"send", "--session", "Dua", "--to", "628", "Halo"}}) {
    const Ran ran = Program(daemon.url()).run(words);
    CHECK(ran.exit_code == 2);
    CHECK(ran.err == "konekwa: error: 2 sessions are called Dua: ses_2, ses_3\n"
                     "konekwa: hint: write the id of the one that is meant\n");
  }
}

TEST_CASE("what nobody is called is not found, and an id costs no request more") {
  FakeDaemon daemon(look_up);
  CHECK(Program(daemon.url()).run({"sessions", "show", "Lima"}).exit_code == 3);
  const std::size_t before = daemon.asked().size();
  CHECK(Program(daemon.url()).run({"send", "--session", "ses_1", "--to", "628", "Halo"}).exit_code == 0);
  CHECK(daemon.asked().size() == before + 1);
}

TEST_CASE("a key that may not list the names is told to write the id") {
  FakeDaemon daemon([](const Asked& asked) {
    const bool is_list = asked.method == "GET" && asked.target == "/v1/sessions";
    return is_list ? Answered{403, R"({"error":{"code":"FORBIDDEN","message":"no"}})"}
                   : Answered{404, R"({"error":{"code":"SESSION_NOT_FOUND","message":"no"}})"};
  });
  const Ran ran = Program(daemon.url()).run({"send", "--session", "Toko Maju", "--to", "628", "Halo"});
  CHECK(ran.exit_code == 3);
  CHECK(ran.err.ends_with("konekwa: hint: this key may not list sessions: write the id, not the name\n"));
}

TEST_CASE("the public status of a session is found by its name too") {
  FakeDaemon daemon([](const Asked& asked) {
    if (asked.target == "/v1/sessions") return Answered{200, R"({"sessions":[{"id":"ses_1","name":"Toko Maju"}]})"};
    if (asked.target == "/api/v1/sessions/ses_1/status") return Answered{200, R"({"status":"CONNECTED"})"};
    return Answered{404, R"({"error":{"code":"SESSION_NOT_FOUND","message":"no"}})"};
  });
  CHECK(Program(daemon.url()).run({"sessions", "status", "Toko Maju"}).out == "CONNECTED\n");
}

TEST_CASE("a tenant is one that is there, by id or name: what is made for another would make it") {
  FakeDaemon daemon([](const Asked& asked) {
    if (asked.target == "/v1/tenants") return Answered{200, R"({"tenants":[{"id":"toko","name":"Toko Maju"}]})"};
    if (asked.target == "/v1/tenants/toko") return Answered{200, R"({"id":"toko"})"};
    if (asked.target == "/v1/sessions") return Answered{200, R"({"sessions":[]})"};
    return Answered{404, R"({"error":{"code":"TENANT_NOT_FOUND","message":"no"}})"};
  });
  Program konekwa(daemon.url());
  for (const char* tenant : {"toko", "Toko Maju"}) {
    CHECK(konekwa.run({"sessions", "list", "--tenant", tenant}).exit_code == 0);
    CHECK(daemon.asked().back().header("X-Konekwa-Tenant") == "toko");
  }
  CHECK(konekwa.run({"tokens", "create", "--name", "k", "--tenant", "tokko"}).exit_code == 3);
  CHECK(daemon.asked().back().method == "GET");
}

TEST_CASE("a key of a tenant may name its own, which it cannot look up") {
  FakeDaemon daemon([](const Asked& asked) {
    return asked.target == "/v1/sessions" ? Answered{200, R"({"sessions":[]})"}
                                          : Answered{403, R"({"error":{"code":"FORBIDDEN","message":"no"}})"};
  });
  CHECK(Program(daemon.url()).run({"sessions", "list", "--tenant", "toko"}).exit_code == 0);
  CHECK(daemon.asked().back().header("X-Konekwa-Tenant") == "toko");
}
