// The whole daemon with a sandbox inside, over real sockets and a real database.
#include "daemon/daemon.h"

#include <future>
#include <set>

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/log.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"

using namespace konekwa;
using test::RawClient;

namespace {

struct Fixture {
  test::TempDir dir;
  Settings settings;

  Fixture() {
    log::set_level(log::Level::Off);
    settings.data_dir = dir.file("data");
    settings.socket_path = dir.file("api.sock");
    settings.listen = "127.0.0.1:0";
    settings.sandbox = true;
  }
  // The body of the answer.
  Json ask(const std::string& method, const std::string& target, const std::string& body = {},
           const std::string& more = {}) const {
    RawClient client = RawClient::on_unix_socket(settings.socket_path);
    client.send(method + " " + target + " HTTP/1.1\r\nConnection: close\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n" + more + "\r\n" + body);
    const std::string answer = client.read_to_end();
    const std::size_t at = answer.find("\r\n\r\n");
    REQUIRE(at != std::string::npos);
    return Json::parse(answer.substr(at + 4));
  }
};

}  // namespace

TEST_CASE("a daemon answers, stops, and finds everything again") {
  Fixture f;
  std::string id;
  {
    auto daemon = Daemon::start(f.settings);
    REQUIRE(daemon);
    CHECK(f.ask("GET", "/health")["status"] == "ok");
    id = f.ask("POST", "/v1/sessions", R"({"name":"x"})")["id"];
    CHECK(f.ask("GET", "/v1/sandbox")["admin"].get<std::string>().starts_with("http://127.0.0.1:"));
    (*daemon)->stop();
  }
  auto daemon = Daemon::start(f.settings);
  REQUIRE(daemon);
  CHECK(f.ask("GET", "/v1/sessions/" + id)["name"] == "x");
}

TEST_CASE("two daemons do not share a data directory") {
  Fixture f;
  auto first = Daemon::start(f.settings);
  REQUIRE(first);
  const auto second = Daemon::start(f.settings);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::CONFLICT);
  CHECK(f.ask("GET", "/health")["status"] == "ok");
}

TEST_CASE("a setting that cannot be used is named, and nothing is left running") {
  Fixture f;
  f.settings.webhook_retry_schedule = "soon";
  const auto refused = Daemon::start(f.settings);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::INVALID_REQUEST);
  CHECK(refused.error().text().find("--webhook-retry-schedule") != std::string::npos);
  f.settings.webhook_retry_schedule = "";
  f.settings.listen = "nowhere";
  CHECK(Daemon::start(f.settings).error().text().find("nowhere") != std::string::npos);
  f.settings.listen = "127.0.0.1:0";
  CHECK(Daemon::start(f.settings));
}

TEST_CASE("of many requests at once with one key, one is carried out") {
  Fixture f;
  auto daemon = Daemon::start(f.settings);
  REQUIRE(daemon);
  const std::string session = f.ask("POST", "/v1/sessions", R"({"name":"x"})")["id"];
  const std::string body = Json{{"session_id", session},
                                {"recipient", "6281234567890"},
                                {"message_type", "text"},
                                {"content", "halo"}}.dump();
  std::vector<std::future<Json>> answers;
  for (int i = 0; i < 32; ++i) {
    answers.push_back(std::async(std::launch::async, [&] {
      return f.ask("POST", "/v1/messages", body, "Idempotency-Key: order-771\r\n");
    }));
  }
  std::set<std::string> ids;
  for (auto& answer : answers) ids.insert(answer.get().value("message_id", "none"));
  CHECK(ids.size() == 1);
  CHECK(f.ask("GET", "/v1/messages")["total_count"] == 1);
}
