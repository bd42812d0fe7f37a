#include <catch2/catch.hpp>

#include "cli/config_file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <filesystem>
#include <fstream>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

namespace fs = std::filesystem;

struct Variable {
  Variable(const char* variable, const std::string& value) : name(variable) { ::setenv(name, value.c_str(), 1); }
  ~Variable() { ::unsetenv(name); }
  const char* name;
};

// A configuration of its own, and a daemon that answers everybody.
struct Configured {
  Configured() { program.config_home = dir.path(); }
  void write(const std::string& text, fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) {
    fs::create_directories(dir.file("konekwa"));
    std::ofstream(path()) << text;
    fs::permissions(path(), mode);
  }
  std::string path() const { return dir.file("konekwa/config"); }
  std::string key_sent() const { return daemon.asked().back().header("X-API-Key"); }

  test::TempDir dir;
  FakeDaemon daemon{[](const Asked&) { return Answered{200, "{}"}; }};
  Program program;
};

}  // namespace

TEST_CASE("a configuration is read, and what is wrong has its line") {
  const auto config = parse_config("# mine\nprofile = b\n\n[a]\nurl = unix:///a\n[ b ]\n session=ses_1 \n", "f");
  REQUIRE(config);
  CHECK(config->profile == "b");
  REQUIRE(config->find("a") != nullptr);
  CHECK(config->find("a")->at("url") == "unix:///a");
  CHECK(config->find("b")->at("session") == "ses_1");
  CHECK(config->find("c") == nullptr);
  for (const char* wrong : {"[a]\ncolour = red\n", "url = x\n\n", "[a]\nword\n", "[a]\n[a]\n", "[]\n\n", "[a\n[b]\n"}) {
    const auto refused = parse_config(wrong, "f");
    REQUIRE(!refused);
    CHECK(refused.error().error.message.starts_with("f, line "));
  }
  CHECK(parse_config("[a]\n\nword\n", "f").error().error.message == "f, line 3: neither [profile] nor key = value");
}

TEST_CASE("a value is set among what a person wrote") {
  const std::string before = "# mine\n\n[a]\n# the shop\nurl = x\n\n[b]\nurl = y\n";
  CHECK(with_value(before, "a", "url", "z") == "# mine\n\n[a]\n# the shop\nurl = z\n\n[b]\nurl = y\n");
  CHECK(with_value(before, "a", "session", "s") == "# mine\n\n[a]\n# the shop\nurl = x\nsession = s\n\n[b]\nurl = y\n");
  CHECK(with_value(before, "b", "url", "") == "# mine\n\n[a]\n# the shop\nurl = x\n\n[b]\n");
  CHECK(with_value(before, "c", "url", "z") == before + "\n[c]\nurl = z\n");
  CHECK(with_value("", "a", "url", "z") == "[a]\nurl = z\n");
  CHECK(with_value("[a]\n", "", "profile", "a") == "profile = a\n[a]\n");
  CHECK(with_value("[a]", "a", "url", "") == "[a]\n");
}

TEST_CASE("flag, variable, profile: the first that says something counts") {
  Configured c;
  c.write("[default]\nurl = " + c.daemon.url() + "\napi-key = kwt_default\n"
          "[other]\nurl = " + c.daemon.url() + "\napi-key = kwt_other\n[away]\nurl = unix:///nonexistent\n");
  CHECK(c.program.run({"health"}).exit_code == 0);
  CHECK(c.key_sent() == "kwt_default");
  CHECK(c.program.run({"health", "--profile", "other"}).exit_code == 0);
  CHECK(c.key_sent() == "kwt_other");
  {
    const Variable profile("KONEKWA_PROFILE", "away");
    CHECK(c.program.run({"health"}).exit_code == 7);
    CHECK(c.program.run({"health", "--profile", "other"}).exit_code == 0);
    const Variable url("KONEKWA_URL", c.daemon.url()), key("KONEKWA_API_KEY", "kwt_variable");
    CHECK(c.program.run({"health"}).exit_code == 0);
    CHECK(c.key_sent() == "kwt_variable");
    std::ofstream(c.dir.file("key")) << "kwt_file\n";
    CHECK(c.program.run({"health", "--api-key-file", c.dir.file("key")}).exit_code == 0);
    CHECK(c.key_sent() == "kwt_file");
    CHECK(c.program.run({"health", "--api-key-file", c.dir.file("none")}).exit_code == 2);
  }
  const Ran unknown = c.program.run({"health", "--profile", "nobody"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err == "konekwa: error: there is no profile nobody (--profile)\n"
                       "konekwa: hint: konekwa config profiles shows them\n");
}

TEST_CASE("the key of a profile does not follow another URL") {
  Configured c;
  c.write("[default]\nurl = https://wa.example.com\napi-key = kwt_secret\n");
  CHECK(c.program.run({"health", "--url", c.daemon.url()}).exit_code == 0);
  CHECK(c.key_sent().empty());
  c.write("[default]\napi-key = kwt_secret\n");
  CHECK(c.program.run({"health", "--url", c.daemon.url()}).exit_code == 0);
  CHECK(c.key_sent() == "kwt_secret");
}

TEST_CASE("a configuration with a key that others may read is refused") {
  Configured c;
  c.write("[default]\napi-key = kwt_1\n", fs::perms::owner_read | fs::perms::others_read);
  const Ran refused = c.program.run({"health"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err == "konekwa: error: " + c.path() + " holds an API key and others may read it\n" +
                           "konekwa: hint: chmod 600 " + c.path() + "\n");
  c.write("[default]\nurl = " + c.daemon.url() + "\n", fs::perms::owner_read | fs::perms::others_read);
  CHECK(c.program.run({"health"}).exit_code == 0);
}

TEST_CASE("config set makes a file for its owner, and takes a key from stdin only") {
  Configured c;
  CHECK(c.program.run({"config", "set", "url", c.daemon.url()}).exit_code == 0);
  CHECK(c.program.run({"config", "set", "api-key", "-"}, "kwt_5f0c1234567\n").exit_code == 0);
  CHECK(c.program.run({"config", "set", "session", "ses_9", "--profile", "toko"}).exit_code == 0);
  CHECK(c.program.run({"config", "set", "api-key", "kwt_1"}).exit_code == 2);
  CHECK(fs::status(c.path()).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(c.program.run({"health"}).exit_code == 0);
  CHECK(c.key_sent() == "kwt_5f0c1234567");
  CHECK(c.program.run({"config", "get", "url"}).out == c.daemon.url() + "\n");
  CHECK(c.program.run({"config", "get", "session"}).exit_code == 3);
  CHECK(c.program.run({"config", "get", "session", "--profile", "toko"}).out == "ses_9\n");
  const std::string list = c.program.run({"config", "list"}).out;
  CHECK(list.find("kwt_5f0c...") != std::string::npos);
  CHECK(list.find("kwt_5f0c1") == std::string::npos);
  CHECK(c.program.run({"config", "profiles", "-q"}).out == "default\ntoko\n");
  CHECK(c.program.run({"config", "set", "profile", "toko"}).exit_code == 0);
  CHECK(c.program.run({"config", "get", "session"}).out == "ses_9\n");
  CHECK(c.program.run({"config", "path"}).out == c.path() + "\n");
}

TEST_CASE("the usual session is used where none is named") {
  Configured c;
  c.write("[default]\nurl = " + c.daemon.url() + "\nsession = ses_7\n");
  CHECK(c.program.run({"send", "--to", "628", "Halo"}).exit_code == 0);
  CHECK(c.daemon.asked().back().body.starts_with(R"({"session_id":"ses_7",)"));
  const Variable session("KONEKWA_SESSION", "ses_8");
  CHECK(c.program.run({"groups", "list"}).exit_code == 0);
  CHECK(c.daemon.asked().back().target == "/v1/groups?session_id=ses_8");
  CHECK(c.program.run({"send", "--session", "ses_9", "--to", "628", "Halo"}).exit_code == 0);
  CHECK(c.daemon.asked().back().body.starts_with(R"({"session_id":"ses_9",)"));
}

TEST_CASE("the commands about the configuration work when it is wrong") {
  Configured c;
  c.write("[default]\ncolour = red\n");
  CHECK(c.program.run({"health"}).exit_code == 2);
  CHECK(c.program.run({"config", "path"}).exit_code == 0);
  CHECK(c.program.run({"config", "list"}).exit_code == 2);
  CHECK(c.program.run({"config", "set", "session", "s1"}).exit_code == 2);
}

TEST_CASE("a key that came out empty is refused, and not taken for none") {
  for (const char* name : {"KONEKWA_API_KEY", "KONEKWA_API_KEY_FILE"}) {
    INFO(name);
    ::setenv(name, "", 1);
    const Ran ran = Program().run({"health", "--url", "http://127.0.0.1:1"});
    ::unsetenv(name);
    CHECK(ran.exit_code == 2);
    CHECK(ran.err.find(std::string(name) + " is set and empty") != std::string::npos);
  }
  for (const char* option : {"--api-key", "--api-key-file"}) {
    INFO(option);
    const Ran ran = Program().run({"health", option, ""});
    CHECK(ran.exit_code == 2);
    CHECK(ran.err.find("is empty") != std::string::npos);
  }
  const Ran ran = Program().run({"health", "--api-key-file", "/dev/null"});
  CHECK(ran.exit_code == 2);
  CHECK(ran.err.find("the API key file is empty: /dev/null") != std::string::npos);
}

TEST_CASE("an address that is none is not kept") {
  Configured c;
  CHECK(c.program.run({"config", "set", "url", "bogus"}).exit_code == 2);
  CHECK(!fs::exists(c.path()));
  CHECK(c.program.run({"config", "set", "url", "https://wa.example.com"}).exit_code == 0);
  CHECK(c.program.run({"config", "set", "url", ""}).exit_code == 0);
}
