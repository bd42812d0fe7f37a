#include <catch2/catch.hpp>

#include "cli/command.h"
#include "cli/command_fields.h"
#include "cli/contract.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <filesystem>
#include <fstream>
#include <set>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

using Words = std::vector<std::string>;

std::string offered(Words words, Program program = Program()) {
  words.insert(words.begin(), {"__complete", "--"});
  const Ran ran = program.run(words);
  CHECK(ran.exit_code == 0);
  CHECK(ran.err.empty());
  return ran.out;
}

std::string lines_of(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += std::string(word) + "\n";
  return out;
}

}  // namespace

TEST_CASE("completion knows every closed set of values") {
  CHECK(offered({"messages", "list", "--status", ""}) == lines_of(message_statuses()));
  CHECK(offered({"messages", "list", "--type", ""}) == lines_of(message_types()));
  CHECK(offered({"messages", "list", "--direction", ""}) == "sent\nreceived\n");
  CHECK(offered({"tokens", "create", "--scope", "messages:"}) == "messages:send\nmessages:read\n");
  CHECK(offered({"tokens", "create", "--scope", ""}) == lines_of(scopes()));
  CHECK(offered({"webhooks", "failed", "--event", ""}) == lines_of(event_types()));
  CHECK(offered({"webhooks", "failed", "--state", ""}) == "retrying\ndead\n");
  CHECK(offered({"events", "--types", ""}) == "\tmore\n" + lines_of(event_patterns()));
  CHECK(offered({"listen", "--types", "message.rea"}) == "\tmore\nmessage.read\nmessage.reaction\n");
  CHECK(offered({"sessions", "webhooks", "--events", "s"}).ends_with("\nsession.*\n"));
  CHECK(offered({"sessions", "webhooks", "--ignore-chats", ""}) == "\tmore\ngroups\nstatus\nbroadcasts\nchannels\n");
  CHECK(offered({"templates", "create", "--type", "i"}) == "image\n");
  CHECK(offered({"config", "get", "api"}) == "api-key\napi-key-file\n");
  CHECK(offered({"send", "--to", ""}).empty());
  CHECK(offered({"send", "--text", ""}).empty());
}

TEST_CASE("completion goes on in a list, without the words that stand there") {
  CHECK(offered({"events", "--types", "session.qr,session.c"}) == "\tmore\nsession.qr,session.connected\n");
  CHECK(offered({"sessions", "webhooks", "--ignore-chats=groups,"}) ==
        "\tmore\n--ignore-chats=groups,status\n--ignore-chats=groups,broadcasts\n--ignore-chats=groups,channels\n");
}

TEST_CASE("completion follows options wherever they stand") {
  const std::string shown = offered({"sessions", "sh"});
  CHECK(shown == "show\tShow one session\n");
  CHECK(offered({"--json", "sessions", "sh"}) == shown);
  CHECK(offered({"-q", "sessions", "sh"}) == shown);
  CHECK(offered({"--url=unix:///x", "sessions", "sh"}) == shown);
  CHECK(offered({"--api-key", "sessions", "sessions", "sh"}) == shown);
  CHECK(offered({"messages", "list", "--all", "--status", "REA"}) == "READ\n");
  CHECK(offered({"send", "--wait=de"}) == "--wait=delivered\n");
  CHECK(offered({"send", "--wait=delivered", "--wait", "r"}) == "read\n");
  CHECK(offered({"send", "--", "--wa"}).empty());
  CHECK(offered({"api", "-XPO"}) == "-XPOST\n");
  CHECK(offered({"help", "sessions", "sh"}) == shown);
  CHECK(offered({"send", "--no-such", "--idem"}).starts_with("--idempotency-key\t"));
}

TEST_CASE("completion tells the shell where names of files belong, and nowhere else") {
  CHECK(offered({"send", "--csv", ""}) == "\tfiles\t\n");
  CHECK(offered({"send", "--csv=tag"}) == "\tfiles\t--csv=\n");
  CHECK(offered({"messages", "media", "msg_1", "-ofo"}) == "\tfiles\t-o\n");
  CHECK(offered({"media", "upload", "st"}) == "\tfiles\t\n");
  CHECK(offered({"--api-key-file", ""}) == "\tfiles\t\n");
  CHECK(offered({"config", "set", "api-key-file", ""}) == "\tfiles\t\n");
  CHECK(offered({"send", "--caption", ""}).empty());
}

TEST_CASE("--fields is completed with what the command prints") {
  CHECK(offered({"sessions", "list", "--fields", "id,nam"}) == "\tmore\nid,name\n");
  CHECK(offered({"sessions", "show", "s1", "--fields", "settings.auto_r"}) == "\tmore\nsettings.auto_read\n");
  CHECK(offered({"events", "--fields", "pos"}) == "\tmore\nposition\n");
  CHECK(offered({"config", "list", "--fields", ""}) == "\tmore\nkey\nvalue\norigin\n");
  CHECK(offered({"health", "--fields", "checks.database_r"}) == "\tmore\nchecks.database_reads\n");
  // These print nothing, a file, a stream of their own, or any answer there is.
  const std::set<std::string> without = {"messages media", "listen", "api", "config set"};
  for (const Command& command : all_commands()) {
    const std::string name = command.noun + (command.noun.empty() ? "" : " ") + command.name;
    INFO(name);
    const bool is_left_out = command.noun == "sandbox" || without.count(name) == 1;
    CHECK(fields_of_command(name).empty() == is_left_out);
  }
}

TEST_CASE("completion knows the profiles of the configuration") {
  const test::TempDir dir;
  Program program;
  program.config_home = dir.path();
  std::filesystem::create_directories(dir.file("konekwa"));
  std::ofstream(dir.file("konekwa/config")) << "[toko]\nurl = https://wa.example.com\n[kasir]\nsession = ses_1\n";
  CHECK(offered({"--profile", "t"}, program) == "toko\thttps://wa.example.com\n");
  CHECK(offered({"config", "set", "profile", "kas"}, program) == "kasir\n");
}

TEST_CASE("completion asks for tenants as nobody's, and for groups of the session") {
  FakeDaemon daemon([](const Asked& asked) {
    if (asked.target == "/v1/tenants") return Answered{200, R"({"tenants":[{"id":"t1","name":"Toko Lain"}]})"};
    if (asked.target == "/v1/groups?session_id=ses_1") {
      return Answered{200, R"({"groups":[{"id":"1203@g.us","subject":"Kasir & Gudang"}]})"};
    }
    return Answered{403, "{}"};
  });
  CHECK(offered({"--url", daemon.url(), "--tenant", ""}) == "t1\tToko Lain\n");
  CHECK(offered({"--url", daemon.url(), "--tenant", "T"}) == "Toko Lain\tt1\n");
  CHECK(offered({"--url", daemon.url(), "--tenant=t9", "tenants", "show", "T"}) == "Toko Lain\tt1\n");
  CHECK(daemon.asked().back().header("X-Konekwa-Tenant").empty());
  CHECK(offered({"groups", "show", "--session=ses_1", "--url", daemon.url(), "K"}) == "Kasir & Gudang\t1203@g.us\n");
  CHECK(offered({"groups", "show", "--url", daemon.url(), ""}).empty());
  offered({"--url", daemon.url(), "--tenant", "Toko Lain", "qr", ""});
  CHECK(daemon.asked().back().header("X-Konekwa-Tenant") == "t1");
  CHECK(offered({"--url", daemon.url(), "qr", ""}).empty());          // this key may not see sessions
}

TEST_CASE("what another machine calls a thing cannot drive the terminal, nor pass for an option") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"sessions":[{"id":"s1","name":"Toko\u001b[2J\tMaju\nsekali\u202e"},
        {"id":"--yes","name":"-q"},{"id":"s2","name":"Dua"},{"id":"s3","name":"Dua"},{"id":"","name":""},
        {"id":"s4","name":"Harga: $5 \"saja\""}, 7]})"};
  });
  const Words asking{"--url", daemon.url(), "sessions", "show"};
  const auto with = [&](const std::string& word) {
    Words words = asking;
    words.push_back(word);
    return offered(words);
  };
  CHECK(with("") == "s1\tToko[2J Maju sekali\ns2\tDua\ns3\tDua\ns4\tHarga: $5 \"saja\"\n");
  CHECK(with("Toko") == "Toko[2J Maju sekali\ts1\n");
  CHECK(with("D").empty());   // which of the two would it be?
  CHECK(with("Harga:") == "Harga: $5 \"saja\"\ts4\n");
  CHECK(with("-q").find("-q\ts") == std::string::npos);
}
