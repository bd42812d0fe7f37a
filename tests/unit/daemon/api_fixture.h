// The whole API over a database in memory and real sessions whose network refuses: requests go in as the HTTP server
// would hand them over, answers come out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/events/event_feed.h"
#include "daemon/gateway.h"
#include "daemon/http/api.h"
#include "daemon/session/registry.h"
#include "daemon/store/sessions.h"
#include "daemon/store/media_files.h"
#include "tests/support/fake_inspector.h"
#include "tests/support/fake_web_client.h"
#include "tests/support/inline_worker.h"
#include "tests/support/manual_loop.h"
#include "tests/support/memory_store.h"
#include "tests/support/memory_transport.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace konekwa::test {

struct Answer {
  int status = 0;
  std::string raw;                          // also of a file, which is read from its source
  Json body;                                // null when it is none
  std::map<std::string, std::string> headers;
  std::shared_ptr<http::BodySource> source; // of a stream
  std::string code() const { return body.contains("error") ? body["error"].value("code", "") : ""; }
  std::string details() const { return body.contains("error") ? body["error"].value("details", "") : ""; }
  std::vector<std::string> keys() const;    // of the body, in order
};

struct Ask {
  std::string method, target, body;
  std::string key;                          // X-API-Key
  bool is_socket_admin = false;
  std::vector<std::pair<std::string, std::string>> headers;
};

class ApiFixture {
 public:
  explicit ApiFixture(std::int64_t queue_max = 100'000);
  explicit ApiFixture(GatewayOptions options, http::RateLimits limits = {0, 0});   // no limits but those

  Answer ask(const Ask& ask);
  Answer admin(const std::string& method, const std::string& target, const std::string& body = {},
               const std::string& tenant = {});
  Answer with_key(const std::string& key, const std::string& method, const std::string& target,
                  const std::string& body = {});

  // What a stream has to say at once; "" when it is over, nothing when it waits for news.
  std::optional<std::string> next_piece(const Answer& stream);

  std::string new_token(const std::string& body);                       // its key
  std::string new_session(const std::string& key, const std::string& name = "CS");   // its id
  void set_status(const std::string& session, store::SessionStatus status, const std::string& reason = {});

  ManualLoop loop;
  SeededRandom random{1};
  MemoryStore store;
  MemoryNetwork network{loop};
  FakeWebClient web{loop};
  events::EventFeed feed{store.writer};
  TempDir dir;
  store::MediaFiles media{dir.path()};
  InlineWorker worker{loop};
  FakeInspector inspector{loop};
  session::Registry sessions;
  Gateway gateway;
  std::unique_ptr<http::Application> api;

 private:
  void fill(http::BodySink& sink, const std::string& body);
  std::string read_all(http::BodySource& source);

  std::vector<Timer> later_;   // of handlers and streams
};

std::string message_body(const std::string& session, const std::string& recipient = "6281234567890");

}  // namespace konekwa::test
