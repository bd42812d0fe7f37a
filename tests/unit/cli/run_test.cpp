#include <catch2/catch.hpp>

#include "cli/command.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include <sys/time.h>
#include <unistd.h>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

Answered error(int status, const std::string& code, const std::string& message) {
  return {status, R"({"error":{"code":")" + code + R"(","message":")" + message + R"("}})"};
}

constexpr long kScreenRows = 24;

// Commands that have an option for each field of a message are taller than the rest.
long rows_max(const std::string& path) {
  if (path == "konekwa send") return 53;
  return path == "konekwa sandbox say" ? 36 : kScreenRows;
}

long lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("the help of every command fits one screen and ends with an example that parses") {
  std::set<std::string> seen;
  for (const Command& command : all_commands()) {
    CHECK(seen.insert(command.noun + " " + command.name).second);
    CHECK(std::isupper(command.summary.front()) != 0);
    CHECK(command.summary.back() != '.');
    std::vector<std::string> words{command.name, "--help"};
    if (!command.noun.empty()) words.insert(words.begin(), command.noun);
    const Ran help = Program().run(words);
    INFO(help.out);
    CHECK(help.exit_code == 0);
    const std::string path = "konekwa " + (command.noun.empty() ? "" : command.noun + " ") + command.name;
    CHECK(lines_of(help.out) <= rows_max(path));
    CHECK(help.out.ends_with("Example:\n  " + command.example + "\n"));
    CHECK(command.example.starts_with(path));
  }
}

TEST_CASE("options of all commands may stand anywhere") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, R"({"sessions":[{"id":"s1"}]})"}; });
  for (const std::vector<std::string>& words : {std::vector<std::string>{"-q", "sessions", "list"},
                                                std::vector<std::string>{"sessions", "-q", "list"},
                                                std::vector<std::string>{"sessions", "list", "-q"}}) {
    CHECK(Program(daemon.url()).run(words).out == "s1\n");
  }
}

TEST_CASE("help of a command comes by a word too") {
  CHECK(Program().run({"help", "messages", "list"}).out == Program().run({"messages", "list", "--help"}).out);
  CHECK(Program().run({"help"}).out == Program().run({"--help"}).out);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"help", "sesions"},
                                                std::vector<std::string>{"sesions", "--help"}}) {
    const Ran ran = Program().run(words);
    CHECK(ran.exit_code == 2);
    CHECK(ran.err.starts_with("konekwa: error: there is no command 'sesions'\n"));
  }
}

TEST_CASE("words may be empty, and what help says so of") {
  FakeDaemon daemon([](const Asked&) { return Answered{202, R"({"id":"s1","message_id":"m1"})"}; });
  Program konekwa(daemon.url());
  CHECK(konekwa.run({"send", "--session", "s1", "--to", "628", "Halo", "--reference", ""}).exit_code == 0);
  CHECK(konekwa.run({"sessions", "webhooks", "s1", "--message", "", "--events", "", "--header", ""}).exit_code == 0);
  CHECK(daemon.asked().back().body == R"({"message":"","events":[],"headers":{}})");
}

TEST_CASE("what chooses one thing is never empty, as a variable that was not set is") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, "{}"}; });
  const std::pair<std::vector<std::string>, const char*> kEmpty[] = {
      {{"sessions", "show", ""}, "session"},
      {{"sessions", "delete", "", "--all", "--yes"}, "session"},
      {{"send", "--session", "", "--to", "628", "Halo"}, "--session"},
      {{"send", "--session", "s1", "--to", "", "Halo"}, "--to"},
      {{"send", "--session", "s1", "--to", "628", "--idempotency-key", "", "Halo"}, "--idempotency-key"},
      {{"sessions", "list", "--tenant", ""}, "--tenant"},
      {{"send", "--session", "s1", "--to", "628", "--document", "", "Halo"}, "--document"},
      {{"send", "--session", "s1", "--csv", "", "Halo"}, "--csv"},
      {{"send", "--session", "s1", "--to", "628", "--type", "", "Halo"}, "--type"},
      {{"messages", "list", "--type", ""}, "--type"},
      {{"messages", "list", "--reference", ""}, "--reference"},
      {{"events", "--types", ""}, "--types"},
      {{"api", "/v1/sessions", "-X", ""}, "--method"},
      {{"sessions", "list", "--fields", ""}, "--fields"},
      {{"pair", ""}, "name"},
      {{"sessions", "list", "--profile", ""}, "--profile"}};
  for (const auto& [words, name] : kEmpty) {
    const Ran ran = Program(daemon.url()).run(words);
    INFO(name);
    CHECK(ran.exit_code == 2);
    CHECK(ran.err.starts_with(std::string("konekwa: error: ") + name + ": the value is empty\n"));
  }
  CHECK(Program().run({"sessions", "list", "--url", ""}).exit_code == 2);
  CHECK(daemon.asked().empty());
}

TEST_CASE("what is wrong with a value is said in our words") {
  const std::pair<std::vector<std::string>, const char*> kWrong[] = {
      {{"qr", "--png"}, "--png needs a value"},
      {{"messages", "list", "--page-size", "abc"}, "--page-size: not a number from 1 to 100: 'abc'"},
      {{"messages", "list", "--page-size", "1000"}, "--page-size: not a number from 1 to 100: '1000'"},
      {{"sandbox", "inbox", "628", "--wait", "x"}, "--wait: not a number: 'x'"}};
  for (const auto& [words, said] : kWrong) {
    INFO(said);
    CHECK(Program().run(words).err.starts_with(std::string("konekwa: error: ") + said + "\n"));
  }
}

TEST_CASE("an option that does not exist is named without its value, which may be a secret") {
  const Ran ran = Program().run({"health", "--api-kye=kwt_secret"});
  CHECK(ran.exit_code == 2);
  CHECK(ran.err == "konekwa: error: there is no option --api-kye\n"
                   "konekwa: hint: did you mean --api-key? konekwa health --help shows what there is\n");
}

TEST_CASE("wrong words are a usage error: exit code 2, the reason and the next step on stderr") {
  const std::vector<std::vector<std::string>> wrong = {
      {}, {"sessions"}, {"fly"}, {"send", "--to", "62"}, {"qr"}, {"qr", "a", "b"}, {"pair"}, {"health", "--bad"},
      {"send", "--session", "a", "--to", "b", "--text", "c", "--wait", "seen"},
      {"send", "--session", "a", "--to", "b", "--text", "c", "--timeout", "5"},
      {"send", "--session", "a", "--to", "b"},
      {"send", "--session", "a", "--to", "b", "--media-url", "https://example.com/a.jpg"},
      {"send", "--session", "a", "--to", "b", "--latitude", "-6.2"},
      {"send", "--session", "a", "--to", "b", "--text", "c", "--at", "tomorrow"},
      {"send", "--session", "a", "--to", "b", "--text", "c", "--set", "name=Budi"},
      {"send", "--session", "a", "--text", "c"}, {"send", "--session", "a", "c", "--to", "b", "--csv", "d"},
      {"send", "--session", "a", "c", "--to", "b", "--to-column", "d"}, {"send", "c", "--to", "b"},
      {"health", "--fields", "id", "-q"},
      {"config", "get", "colour"}, {"config", "set", "api-key", "kwt_1"}, {"groups", "list"}, {"api", "v1/sessions"},
      {"qr", "a", "--png", "b", "--svg", "c"},
      {"send", "--session", "a", "--to", "b", "--template", "t", "--set", "name"},
      {"sessions", "delete"}, {"sessions", "delete", "s1", "--all"},
      {"sessions", "set", "s1", "--auto-read", "yes"}, {"sessions", "set", "s1", "--proxy", "http://p", "--no-proxy"},
      {"templates", "create", "--name", "a"}, {"tenants", "update", "t", "--suspend", "--resume"},
      {"tokens", "rotate", "tok_1", "--grace", "1"}, {"events", "--count", "-1"},
      {"messages", "list", "--page-size", "many"}};
  for (const auto& words : wrong) {
    const Ran ran = Program().run(words);
    CHECK(ran.exit_code == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err.starts_with("konekwa: error: "));
    CHECK(ran.err.find("\nkonekwa: hint: konekwa") != std::string::npos);
  }
}

TEST_CASE("two forms of one answer are refused, in the form that programs read") {
  for (const char* other : {"-q", "--jsonl", "--fields=id"}) {
    const Ran ran = Program().run({"health", "--json", other});
    CHECK(ran.exit_code == 2);
    CHECK(ran.err.starts_with(R"({"error":{"code":"INVALID_REQUEST")"));
  }
}

TEST_CASE("options that every command takes may stand before or after its name") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, R"({"status":"ok"})"}; });
  CHECK(Program().run({"--json", "--url", daemon.url(), "health"}).out == "{\"status\":\"ok\"}\n");
  CHECK(Program().run({"health", "--json", "--url", daemon.url()}).out == "{\"status\":\"ok\"}\n");
  CHECK(Program().run({"-q", "health", "--url", daemon.url()}).out == "ok\n");
}

TEST_CASE("flag beats variable, and a key may come from a file") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, "{}"}; });
  const std::string key_file = "/tmp/konekwa-test-key-" + std::to_string(::getpid());
  std::ofstream(key_file) << "kwt_file\n";
  ::setenv("KONEKWA_URL", daemon.url().c_str(), 1);
  ::setenv("KONEKWA_API_KEY_FILE", key_file.c_str(), 1);
  CHECK(Program().run({"health"}).exit_code == 0);
  ::setenv("KONEKWA_API_KEY", "kwt_variable", 1);
  CHECK(Program().run({"health"}).exit_code == 0);
  CHECK(Program().run({"health", "--api-key", "kwt_flag"}).exit_code == 0);
  CHECK(Program().run({"health", "--url", "unix:///tmp/konekwa-test-nobody.sock"}).exit_code == 7);
  ::unsetenv("KONEKWA_API_KEY");
  ::unlink(key_file.c_str());
  CHECK(Program().run({"health"}).exit_code == 2);
  ::unsetenv("KONEKWA_URL");
  ::unsetenv("KONEKWA_API_KEY_FILE");
  REQUIRE(daemon.asked().size() == 3);
  CHECK(daemon.asked()[0].header("X-API-Key") == "kwt_file");
  CHECK(daemon.asked()[1].header("X-API-Key") == "kwt_variable");
  CHECK(daemon.asked()[2].header("X-API-Key") == "kwt_flag");
}

TEST_CASE("failures give the documented exit codes and leave stdout empty") {
  Answered answer;
  FakeDaemon daemon([&](const Asked&) { return answer; });
  const std::vector<std::pair<Answered, int>> table = {
      {error(500, "INTERNAL_ERROR", "x"), 1},    {error(400, "INVALID_REQUEST", "x"), 2},
      {error(404, "SESSION_NOT_FOUND", "x"), 3}, {error(401, "INVALID_API_KEY", "x"), 4},
      {error(403, "FORBIDDEN", "x"), 4},         {error(409, "SESSION_EXISTS", "x"), 5},
      {error(429, "QUEUE_FULL", "x"), 6},        {error(403, "TENANT_SUSPENDED", "x"), 4},
      {error(409, "SESSION_ALREADY_PAIRED", "x"), 5}, {error(404, "WEBHOOK_NOT_FOUND", "x"), 3}};
  for (const auto& [given, code] : table) {
    answer = given;
    const Ran text = Program(daemon.url()).run({"sessions", "show", "ses_1"});
    CHECK(text.exit_code == code);
    CHECK(text.out.empty());
    CHECK(text.err.starts_with("konekwa: error: x ("));
    const Ran json = Program(daemon.url()).run({"sessions", "show", "ses_1", "--json"});
    CHECK(json.exit_code == code);
    CHECK(json.out.empty());
    CHECK(json.err == given.body + "\n");
  }
}

TEST_CASE("lists: a table for people, the body for programs, ids for scripts") {
  const std::string body = R"({"sessions":[{"id":"ses_1","name":"Toko \u001b[31mA","status":"CONNECTED",)"
                           R"("phone_number":"6281234567890","created_at":"2026-03-10T10:00:00Z"},)"
                           R"({"id":"ses_22","name":"B","status":"CREATED","created_at":"2026-03-10T10:00:00Z"}]})";
  FakeDaemon daemon([&](const Asked&) { return Answered{200, body}; });
  CHECK(Program(daemon.url()).run({"sessions", "list"}).out ==
        "ID      STATUS     PHONE          CREATED               NAME\n"
        "ses_1   CONNECTED  6281234567890  2026-03-10T10:00:00Z  Toko [31mA\n"
        "ses_22  CREATED                   2026-03-10T10:00:00Z  B\n");
  CHECK(Program(daemon.url()).run({"sessions", "list", "--json"}).out == body + "\n");
  CHECK(Program(daemon.url()).run({"sessions", "list", "-q"}).out == "ses_1\nses_22\n");
}

TEST_CASE("each object on a line, chosen fields, and tables without their first line") {
  const std::string body = R"({"sessions":[{"id":"ses_1","name":"A\u001b","health":{"queued":2}},)"
                           R"({"id":"ses_22","name":"B, C"}],"total_count":2})";
  FakeDaemon daemon([&](const Asked&) { return Answered{200, body}; });
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"sessions", "list"});
    return Program(daemon.url()).run(more);
  };
  CHECK(run({"--jsonl"}).out == "{\"id\":\"ses_1\",\"name\":\"A\\u001b\",\"health\":{\"queued\":2}}\n"
                                "{\"id\":\"ses_22\",\"name\":\"B, C\"}\n");
  CHECK(run({"--jsonl", "--fields", "health.queued,id"}).out ==
        "{\"health.queued\":2,\"id\":\"ses_1\"}\n{\"id\":\"ses_22\"}\n");
  CHECK(run({"--fields", "id,health.queued,name"}).out == "ID      HEALTH.QUEUED  NAME\n"
                                                          "ses_1   2              A\n"
                                                          "ses_22                 B, C\n");
  CHECK(run({"--fields", "id", "--no-header"}).out == "ses_1\nses_22\n");
  const Ran unknown = run({"--fields", "id,colour", "--no-header"});
  CHECK(unknown.exit_code == 0);
  CHECK(unknown.err == "konekwa: nothing here has the field colour\n");
  CHECK(run({"--no-header"}).out == "ses_1                           A\nses_22                          B, C\n");
}

TEST_CASE("an answer about one thing has a line and a row too") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"id":"s1", "status":"CONNECTED","participants":[]})"};
  });
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"sessions", "show", "s1"});
    return Program(daemon.url()).run(more).out;
  };
  CHECK(run({"--jsonl"}) == "{\"id\":\"s1\",\"status\":\"CONNECTED\",\"participants\":[]}\n");
  CHECK(run({"--fields", "status", "--no-header"}) == "CONNECTED\n");
}

TEST_CASE("colours only where the screen shows them, and never in a cell that is not one word of ours") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"sessions":[{"id":"s1","status":"CONNECTED"},{"id":"s2","status":"X"}]})"};
  });
  Program program(daemon.url());
  program.terminal = {true, 80, 24, true, true, true};
  const std::string out = program.run({"sessions", "list"}).out;
  CHECK(out.starts_with("\033[1mID  STATUS"));
  CHECK(out.find("s1  \033[32mCONNECTED\033[0m  ") != std::string::npos);
  CHECK(out.find("s2  X          ") != std::string::npos);
  program.terminal.has_colour = false;
  CHECK(program.run({"sessions", "list"}).out.find('\033') == std::string::npos);
}

TEST_CASE("a failure names the request, for whoever reads the daemon's log") {
  FakeDaemon daemon([](const Asked&) {
    Answered answered = error(404, "SESSION_NOT_FOUND", "there is no such session");
    answered.headers = {{"X-Request-Id", "41f5350e600b89ea"}};
    return answered;
  });
  CHECK(Program(daemon.url()).run({"sessions", "show", "s1"}).err ==
        "konekwa: error: there is no such session (SESSION_NOT_FOUND)\n"
        "konekwa: hint: konekwa sessions list shows the sessions\n"
        "konekwa: request: 41f5350e600b89ea\n");
}

TEST_CASE("what cannot be undone is asked of a person, and needs --yes from a program") {
  FakeDaemon daemon([](const Asked& asked) {
    return Answered{200, asked.method == "GET" ? R"({"sessions":[{"id":"a"},{"id":"b"}]})" : R"({"message":"done"})"};
  });
  const std::vector<std::vector<std::string>> table = {
      {"sessions", "delete", "s1"}, {"sessions", "reset", "s1"},  {"templates", "delete", "t1"},
      {"tokens", "revoke", "t1"},   {"tenants", "delete", "t1"},  {"media", "delete", "m1"},
      {"messages", "delete", "m1"}};
  for (const auto& words : table) {
    Program program(daemon.url());
    const Ran refused = program.run(words, "yes\n");
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.ends_with("konekwa: hint: add --yes if that is meant\n"));
    program.is_typing = true;
    CHECK(program.run(words, "no\n").exit_code == 2);
    CHECK(daemon.asked().empty());
  }
  Program program(daemon.url());
  program.is_typing = true;
  const Ran done = program.run({"sessions", "delete", "s1"}, "yes\n");
  CHECK(done.exit_code == 0);
  CHECK(done.err.find("; type yes to go on: ") != std::string::npos);
  CHECK(program.run({"sessions", "delete", "--all"}, "3\n").exit_code == 2);
  CHECK(program.run({"sessions", "delete", "--all"}, "2\n").exit_code == 0);
}

TEST_CASE("each command makes its request") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, R"({"id":"x","token":"t","secret":"s"})"}; });
  struct Row {
    std::vector<std::string> words;
    std::string method, target, body;
  };
  const std::vector<Row> table = {
      {{"sessions", "create", "--name", "CS", "--id", "s1", "--webhook-message", "http://a/m", "--webhook-status",
        "http://a/s"},
       "POST", "/v1/sessions",
       R"({"name":"CS","id":"s1","webhooks":{"message":"http://a/m","status":"http://a/s"}})"},
      {{"sessions", "show", "s/1"}, "GET", "/v1/sessions/s%2F1", ""},
      {{"sessions", "connect", "s1"}, "POST", "/v1/sessions/s1/connect", ""},
      {{"sessions", "disconnect", "s1"}, "POST", "/v1/sessions/s1/disconnect", ""},
      {{"sessions", "delete", "s1", "--yes"}, "DELETE", "/v1/sessions/s1", ""},
      {{"sessions", "create", "--name", "CS", "--proxy", "socks5://p:1"}, "POST", "/v1/sessions",
       R"({"name":"CS","proxy_url":"socks5://p:1"})"},
      {{"sessions", "rename", "s1", "Sales"}, "PATCH", "/v1/sessions/s1", R"({"name":"Sales"})"},
      {{"sessions", "set", "s1", "--auto-read", "on", "--auto-typing", "off"}, "PATCH", "/v1/sessions/s1/settings",
       R"({"auto_read":true,"auto_typing":false})"},
      {{"sessions", "set", "s1", "--proxy", "http://p:1"}, "PATCH", "/v1/sessions/s1", R"({"proxy_url":"http://p:1"})"},
      {{"sessions", "set", "s1", "--no-proxy"}, "PATCH", "/v1/sessions/s1", R"({"proxy_url":null})"},
      {{"sessions", "set", "s1"}, "GET", "/v1/sessions/s1", ""},
      {{"sessions", "restart-qr", "s1"}, "POST", "/v1/sessions/s1/restart-qr", ""},
      {{"sessions", "reset", "s1", "--yes"}, "POST", "/v1/sessions/s1/reset", ""},
      {{"sessions", "delete", "--all", "--yes"}, "DELETE", "/v1/sessions", ""},
      {{"webhooks", "secret", "s1", "--rotate"}, "POST", "/v1/sessions/s1/webhooks/secret", ""},
      {{"sessions", "webhooks", "s1", "--message", ""}, "PATCH", "/v1/sessions/s1/webhooks", R"({"message":""})"},
      {{"sessions", "webhooks", "s1"}, "GET", "/v1/sessions/s1", ""},
      {{"webhooks", "secret", "s1"}, "GET", "/v1/sessions/s1/webhooks/secret", ""},
      {{"messages", "list", "--session", "s1", "--direction", "sent", "--since", "2026-03-10", "--page-token", "a="},
       "GET", "/v1/messages?session_id=s1&direction=sent&start_date=2026-03-10&page_size=20&page_token=a%3D", ""},
      {{"messages", "list", "--status", "QUEUED", "--recipient", "+62 8", "--reference", "r"}, "GET",
       "/v1/messages?status=QUEUED&recipient=%2B62%208&client_reference=r&page_size=20", ""},
      {{"messages", "show", "m1"}, "GET", "/v1/messages/m1", ""},
      {{"messages", "cancel", "m/1"}, "DELETE", "/v1/messages/m%2F1?revoke=false", ""},
      {{"messages", "delete", "m1", "--yes"}, "DELETE", "/v1/messages/m1", ""},
      {{"messages", "react", "m1", "\U0001F44D"}, "POST", "/v1/messages/m1/react", "{\"emoji\":\"\U0001F44D\"}"},
      {{"messages", "react", "m1"}, "POST", "/v1/messages/m1/react", R"({"emoji":""})"},
      {{"messages", "edit", "m1", "--text", "Pukul 10"}, "PATCH", "/v1/messages/m1", R"({"content":"Pukul 10"})"},
      {{"templates", "create", "--name", "hi", "--content", "Halo {{name}}", "--type", "image"}, "POST",
       "/v1/templates", R"({"name":"hi","content":"Halo {{name}}","message_type":"image"})"},
      {{"templates", "list"}, "GET", "/v1/templates", ""},
      {{"templates", "show", "t1"}, "GET", "/v1/templates/t1", ""},
      {{"templates", "update", "t1", "--content", "Hai"}, "PUT", "/v1/templates/t1", R"({"content":"Hai"})"},
      {{"templates", "delete", "t1", "--yes"}, "DELETE", "/v1/templates/t1", ""},
      {{"webhooks", "failed", "--session", "s1", "--event", "session.qr", "--state", "dead", "--since", "2026-03-10"},
       "GET", "/v1/webhooks/failed?session_id=s1&event_type=session.qr&state=dead&since=2026-03-10", ""},
      {{"webhooks", "replay", "w1"}, "POST", "/v1/webhooks/replay/w1", ""},
      {{"webhooks", "replay", "w1", "--original-url"}, "POST", "/v1/webhooks/replay/w1", R"({"url":"original"})"},
      {{"tokens", "create", "--name", "kasir", "--scope", "messages:send", "--scope", "messages:read", "--session",
        "s1", "--expires-in", "90d"},
       "POST", "/v1/tokens",
       R"({"name":"kasir","scopes":["messages:send","messages:read"],"sessions":["s1"],"expires_in":"90d"})"},
      {{"tokens", "list"}, "GET", "/v1/tokens", ""},
      {{"tokens", "show", "tok_1"}, "GET", "/v1/tokens/tok_1", ""},
      {{"tokens", "rotate", "tok_1"}, "POST", "/v1/tokens/tok_1/rotate", ""},
      {{"tokens", "rotate", "tok_1", "--grace", "0s"}, "POST", "/v1/tokens/tok_1/rotate", R"({"grace":"0s"})"},
      {{"tokens", "revoke", "tok_1", "--yes"}, "DELETE", "/v1/tokens/tok_1", ""},
      {{"tenants", "create", "toko", "--name", "Toko Maju"}, "POST", "/v1/tenants",
       R"({"id":"toko","name":"Toko Maju"})"},
      {{"tenants", "list"}, "GET", "/v1/tenants", ""},
      {{"tenants", "show", "toko"}, "GET", "/v1/tenants/toko", ""},
      {{"tenants", "update", "toko", "--suspend"}, "PATCH", "/v1/tenants/toko", R"({"suspended":true})"},
      {{"tenants", "update", "toko", "--resume", "--name", "T"}, "PATCH", "/v1/tenants/toko",
       R"({"name":"T","suspended":false})"},
      {{"tenants", "delete", "toko", "--yes"}, "DELETE", "/v1/tenants/toko", ""},
      {{"health"}, "GET", "/health", ""},
      {{"health", "--metrics"}, "GET", "/metrics", ""},
      {{"tokens", "me"}, "GET", "/v1/me", ""},
      {{"sessions", "status", "s1"}, "GET", "/api/v1/sessions/s1/status", ""},
      {{"api", "/openapi.json"}, "GET", "/openapi.json", ""},
      {{"api", "/v1/sessions", "--data", R"({"name":"a"})"}, "POST", "/v1/sessions", R"({"name":"a"})"},
      {{"api", "/v1/sessions/s1", "-X", "DELETE"}, "DELETE", "/v1/sessions/s1", ""},
      {{"media", "delete", "med_1", "--yes"}, "DELETE", "/v1/media/med_1", ""},
  };
  for (const Row& row : table) {
    INFO(row.target);
    CHECK(Program(daemon.url()).run(row.words).exit_code == 0);
    const Asked asked = daemon.asked().back();
    CHECK(asked.method == row.method);
    CHECK(asked.target == row.target);
    CHECK(asked.body == row.body);
  }
}

TEST_CASE("an answer of an unexpected shape ends no command by force") {
  std::string body;
  FakeDaemon daemon([&](const Asked&) { return Answered{200, body}; });
  const char* const kShapes[] = {"", "null", "7", "[]", "[1,[2]]", "{}",
                                 R"({"sessions":7,"messages":{"a":1},"tokens":"x"})"};
  for (const char* shape : kShapes) {
    body = shape;
    for (const Command& command : all_commands()) {
      std::vector<std::string> words{command.name};
      if (!command.noun.empty()) words.insert(words.begin(), command.noun);
      // No file has such a name, should a command write one.
      for (const char* more : {"no/x", "--name", "--session", "--to", "--from", "--text"}) {
        auto with_more = words;
        with_more.push_back(more);
        if (std::string(more).starts_with("--")) with_more.push_back("y");
        CHECK(Program(daemon.url()).run(with_more).exit_code <= 8);
      }
      CHECK(Program(daemon.url()).run(words).exit_code <= 8);
    }
  }
}

TEST_CASE("a code has its hint, also where this version knows it by its name only") {
  Answered answer;
  FakeDaemon daemon([&](const Asked&) { return answer; });
  answer = error(403, "TENANT_SUSPENDED", "no");
  CHECK(Program(daemon.url()).run({"sessions", "list"}).err.find("--resume") != std::string::npos);
  answer = error(403, "FORBIDDEN", "no");
  CHECK(Program(daemon.url()).run({"sessions", "list"}).err.find("konekwa tokens me") != std::string::npos);
  answer = error(403, "FROM_THE_FUTURE", "no");
  CHECK(Program(daemon.url()).run({"sessions", "list"}).err == "konekwa: error: no (FROM_THE_FUTURE)\n");
}

TEST_CASE("completion offers commands, options, choices and ids from the daemon") {
  FakeDaemon daemon([](const Asked& asked) {
    if (asked.target.starts_with("/v1/sessions")) return Answered{200, R"({"sessions":[{"id":"ses_1","name":"CS"}]})"};
    if (asked.target == "/v1/templates") return Answered{200, R"({"templates":[{"id":"tpl_1","name":"welcome"}]})"};
    if (asked.target == "/v1/tenants") return Answered{200, R"({"tenants":[{"id":"toko"}]})"};
    if (asked.target == "/v1/webhooks/failed") return Answered{200, R"({"webhooks":[{"id":"wh_1"}]})"};
    return Answered{200, R"({"tokens":[{"id":"tok_1","name":"kasir"}]})"};
  });
  const auto offered = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"__complete", "--"});
    return Program().run(words).out;
  };
  CHECK(offered({"se"}) == "send\tSend a message\nsessions\tManage linked WhatsApp numbers\n");
  CHECK(offered({"tokens", "re"}) == "revoke\tEnd the life of an API key\n");
  CHECK(offered({"send", "--idem"}).starts_with("--idempotency-key\t"));
  CHECK(offered({"send", "--wait", ""}) == "sent\ndelivered\nread\n");
  CHECK(offered({"--url", daemon.url(), "qr", "s"}) == "ses_1\tCS\n");
  CHECK(offered({"--url", daemon.url(), "send", "--session", ""}) == "ses_1\tCS\n");
  CHECK(offered({"--url", daemon.url(), "tokens", "revoke", ""}) == "tok_1\tkasir\n");
  CHECK(offered({"--url", daemon.url(), "send", "--template", "t"}) == "tpl_1\twelcome\n");
  CHECK(offered({"--url", daemon.url(), "webhooks", "replay", ""}) == "wh_1\n");
  CHECK(offered({"--url", daemon.url(), "tenants", "update", ""}) == "toko\n");
  CHECK(offered({"sessions", "set", "s1", "--auto-read", ""}) == "on\noff\n");
  CHECK(offered({"--url", "unix:///tmp/konekwa-test-nobody.sock", "qr", ""}).empty());
  CHECK(offered({"qr", "ses_1", ""}).empty());
  itimerval budget{};
  ::getitimer(ITIMER_REAL, &budget);
  CHECK(budget.it_value.tv_usec == 0);   // it would end whatever comes next, and call it done
}
