#include "daemon/settings.h"

#include <fstream>

#include "tests/support/temp_dir.h"

using namespace konekwa;
using Arguments = std::vector<std::string>;

namespace {

struct Fixture {
  test::TempDir dir;
  std::map<std::string, std::string> variables = {{"KONEKWA_CONFIG", dir.file("konekwad.conf")}};

  Fixture() { write(""); }
  void write(const std::string& config) { std::ofstream(dir.file("konekwad.conf")) << config; }
  Result<CommandLine> read(const Arguments& arguments) {
    return read_command_line(arguments, [this](const std::string& name) -> std::optional<std::string> {
      const auto it = variables.find(name);
      return it == variables.end() ? std::nullopt : std::optional(it->second);
    });
  }
  std::string listen(const Arguments& arguments) { return read(arguments)->settings.listen; }
  std::string problem(const Arguments& arguments) {
    const auto line = read(arguments);
    return line ? "" : line.error().text();
  }
};

}  // namespace

TEST_CASE("a flag beats its variable, that beats the file, and that the default") {
  Fixture f;
  CHECK(f.listen({}) == "127.0.0.1:8080");
  f.write("# a comment\nlisten = 127.0.0.1:1001\nrestart-ramp=7\n");
  CHECK(f.listen({}) == "127.0.0.1:1001");
  CHECK(f.read({})->settings.restart_ramp == 7);
  f.variables["KONEKWA_LISTEN"] = "127.0.0.1:1002";
  CHECK(f.listen({}) == "127.0.0.1:1002");
  CHECK(f.listen({"--listen", "127.0.0.1:1003"}) == "127.0.0.1:1003");
  CHECK(f.listen({"--listen=127.0.0.1:1004"}) == "127.0.0.1:1004");
  CHECK(f.listen({"--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2"}) == "127.0.0.1:2");
}

TEST_CASE("a switch may be set, and unset, at every level") {
  Fixture f;
  CHECK_FALSE(f.read({})->settings.sandbox);
  CHECK(f.read({"--sandbox"})->settings.sandbox);
  f.write("sandbox=true\n");
  CHECK(f.read({})->settings.sandbox);
  f.variables["KONEKWA_SANDBOX"] = "0";
  CHECK_FALSE(f.read({})->settings.sandbox);
  CHECK(f.read({"--sandbox"})->settings.sandbox);
  CHECK(f.problem({"--sandbox=perhaps"}).find("--sandbox") != std::string::npos);
}

TEST_CASE("every setting is taken") {
  Fixture f;
  const std::string root_key(64, 'a');
  const auto line = f.read({"--data-dir", "/d", "--socket", "/s", "--whatsapp-url", "ws://127.0.0.1:8090/ws/chat",
                            "--whatsapp-root-key", root_key, "--whatsapp-ca-file", "/ca", "--whatsapp-version",
                            "2.3000.1", "--allow-url-hosts", "a.lan, 10.0.0.0/8,", "--webhook-retry-schedule", "0s,5s",
                            "--restart-ramp", "9", "--log-level", "debug"});
  REQUIRE(line);
  const Settings& settings = line->settings;
  CHECK(settings.data_dir == "/d");
  CHECK(settings.socket_path == "/s");
  CHECK(settings.whatsapp_url == "ws://127.0.0.1:8090/ws/chat");
  CHECK(settings.whatsapp_root_key == root_key);
  CHECK(settings.whatsapp_ca_file == "/ca");
  CHECK(settings.whatsapp_version == "2.3000.1");
  CHECK(settings.allow_url_hosts == std::vector<std::string>{"a.lan", "10.0.0.0/8"});
  CHECK(settings.webhook_retry_schedule == "0s,5s");
  CHECK(settings.restart_ramp == 9);
  CHECK(settings.log_level == "debug");
}

TEST_CASE("without TLS only loopback may be WhatsApp") {
  Fixture f;
  for (const char* url : {"wss://example.org/ws/chat", "ws://127.0.0.1:1/ws", "ws://localhost/ws", "ws://[::1]:9/ws"}) {
    CHECK(f.problem({"--whatsapp-url", url}).empty());
  }
  for (const char* url : {"ws://example.org/ws", "ws://10.0.0.1/ws", "http://127.0.0.1/", "wss://", "127.0.0.1:80",
                          "ws://localhost.example.org/ws", "ws://127.example.org/"}) {
    INFO(url);
    CHECK(f.problem({"--whatsapp-url", url}).find("--whatsapp-url") != std::string::npos);
  }
}

TEST_CASE("a wrong value names its setting, wherever it came from") {
  Fixture f;
  CHECK(f.problem({"--restart-ramp", "0"}).find("--restart-ramp") != std::string::npos);
  CHECK(f.problem({"--restart-ramp", "1e3"}).find("--restart-ramp") != std::string::npos);
  CHECK(f.problem({"--log-level", "loud"}).find("KONEKWA_LOG_LEVEL") != std::string::npos);
  CHECK(f.problem({"--whatsapp-root-key", "abcd"}).find("--whatsapp-root-key") != std::string::npos);
  CHECK(f.problem({"--whatsapp-version", "latest"}).find("--whatsapp-version") != std::string::npos);
  CHECK(f.problem({"--data-dir", ""}).find("--data-dir") != std::string::npos);
  f.variables["KONEKWA_RESTART_RAMP"] = "many";
  CHECK(f.problem({}).find("KONEKWA_RESTART_RAMP") != std::string::npos);
}

TEST_CASE("what is no setting is refused, in flags and in the file") {
  Fixture f;
  CHECK(f.problem({"--nonsense"}).find("--nonsense") != std::string::npos);
  CHECK(f.problem({"stray"}).find("stray") != std::string::npos);
  f.write("lisen = 127.0.0.1:1\n");
  CHECK(f.problem({}).find("lisen") != std::string::npos);
}

TEST_CASE("a configuration file that was named must be there") {
  Fixture f;
  CHECK_FALSE(f.problem({"--config", f.dir.file("none.conf")}).empty());
  f.variables.clear();
  CHECK(f.problem({}).empty());
}

TEST_CASE("help names every setting with its variable, version is one line") {
  Fixture f;
  const auto help = f.read({"--help"});
  REQUIRE(help);
  REQUIRE(help->print);
  for (const SettingHelp& setting : all_settings()) {
    INFO(setting.flag);
    CHECK(help->print->find(setting.flag) != std::string::npos);
  }
  CHECK(help->print->find("KONEKWA_ALLOW_URL_HOSTS") != std::string::npos);
  CHECK(*f.read({"--version"})->print == "konekwad " KONEKWA_VERSION "\n");
}

TEST_CASE("a credential beats the file, and is beaten by a variable") {
  Fixture f;
  f.variables["CREDENTIALS_DIRECTORY"] = f.dir.path();
  f.write("listen = 127.0.0.1:1001\n");
  std::ofstream(f.dir.file("konekwad_listen")) << "127.0.0.1:1005\n";
  std::ofstream(f.dir.file("of-another")) << "is not ours";
  CHECK(f.listen({}) == "127.0.0.1:1005");
  f.variables["KONEKWA_LISTEN"] = "127.0.0.1:1006";
  CHECK(f.listen({}) == "127.0.0.1:1006");
}

TEST_CASE("a credential that is no setting, or cannot be read, is named, and its text is not") {
  Fixture f;
  f.variables["CREDENTIALS_DIRECTORY"] = f.dir.path();
  std::ofstream(f.dir.file("konekwad_lsiten")) << "s3cret";
  CHECK(f.problem({}).find("lsiten") != std::string::npos);
  CHECK(f.problem({}).find("s3cret") == std::string::npos);
  std::filesystem::remove(f.dir.file("konekwad_lsiten"));
  std::filesystem::create_directory(f.dir.file("konekwad_listen"));
  CHECK(f.problem({}).find("konekwad_listen") != std::string::npos);
  std::filesystem::remove(f.dir.file("konekwad_listen"));
  std::ofstream(f.dir.file("konekwad_listen")) << std::string(70'000, '1');
  CHECK(f.problem({}).find("64 KiB") != std::string::npos);
  f.variables["CREDENTIALS_DIRECTORY"] = f.dir.file("nowhere");
  CHECK(f.problem({}).find("nowhere") != std::string::npos);
}
