// The API over a Unix socket or TCP: the CLI's only road to konekwad (and to the sandbox's admin API, which speaks the
// same way). One request at a time on one connection that is kept open. Not for use by two threads at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/event_stream.h"
#include "common/api/failure.h"
#include "common/api/url.h"
#include "common/json.h"
#include "common/time.h"

namespace konekwa::api {

struct Response {
  int status = 0;
  std::string raw;     // the body, unchanged
  Json body;           // the body as JSON; null when it is none (a picture)
  bool is_replayed = false;   // an idempotency key was used before: nothing was done again
  std::string date = {};      // the clock of the other side, as HTTP writes it; of probe() only
};

class ApiClient {
 public:
  struct Options {
    Url url;
    std::string api_key;              // "" sends none: on the Unix socket the peer's credentials count
    std::string tenant;               // for an admin who acts for one tenant
    Duration connect_timeout = seconds(5);
    Duration answer_timeout = seconds(30);
    // Told what a request waits for, so that somebody who wants no answer any more can break it: kNoSocketYet while
    // nothing was sent, then the descriptor, which may be shut down, and kNoSocket in the end. False: there is such a
    // wish, and the request is CANCELLED; with a hint where it may have been carried out all the same.
    std::function<bool(int socket)> on_socket = {};
  };
  static constexpr int kNoSocket = -1, kNoSocketYet = -2;
  explicit ApiClient(Options options);
  ~ApiClient();

  using Headers = std::vector<std::pair<std::string, std::string>>;

  // `target` is path and query, percent-encoded. A 2xx is a Response, anything else a Failure; UNREACHABLE when nobody
  // answers. After UNREACHABLE nobody knows whether the request was carried out.
  Outcome<Response> request(const std::string& method, const std::string& target, const std::string& body = {},
                            const Headers& headers = {}, const std::string& content_type = "application/json");
  // `answer_timeout`: of this one, when it is not zero. So of download().
  Outcome<Response> get(const std::string& target, Duration answer_timeout = {});
  Outcome<Response> post(const std::string& target, const Json& body, const Headers& headers = {}) {
    return send("POST", target, body, headers);
  }
  Outcome<Response> put(const std::string& target, const Json& body) { return send("PUT", target, body, {}); }
  Outcome<Response> patch(const std::string& target, const Json& body) { return send("PATCH", target, body, {}); }

  // INVALID_REQUEST when the body holds text that is not UTF-8.
  Outcome<Response> send(const std::string& method, const std::string& target, const Json& body,
                         const Headers& headers);

  // A GET for which a refusal is an answer too: a Response of any status.
  Outcome<Response> probe(const std::string& target);

  // A POST whose body is a file, which is read while it is sent. INVALID_REQUEST when it cannot be read, or is none
  // whose length is known.
  Outcome<Response> upload(const std::string& target, const std::string& path, const std::string& content_type);

  // The same of octets that were read before.
  Outcome<Response> upload_octets(const std::string& target, std::string_view octets, const std::string& content_type);

  // A GET whose body goes to `write` as it comes; false ends it, which is CANCELLED. A refusal writes nothing.
  Outcome<> download(const std::string& target, const std::function<bool(std::string_view piece)>& write,
                     Duration answer_timeout = {});

  // Follows a text/event-stream on a connection of its own, until an event is enough, the stream ends or the
  // connection is lost, which is all the same here. A Failure when there was no stream to begin with.
  // `on_event` is false when it is enough.
  Outcome<> follow(const std::string& target, const Headers& headers, const EventStreamParser::OnEvent& on_event);

  // Ends a request that another thread makes, which is UNREACHABLE then; not before it has connected.
  void stop();

  const Url& url() const { return options_.url; }

 private:
  class Connection;
  // Puts the next octets of a body at `to`, `most` of them at most, and says how many; none when it is cut off.
  using Give = std::function<std::size_t(char* to, std::size_t most)>;
  Outcome<Response> post_pieces(const std::string& target, std::size_t size, const Give& give,
                                const std::string& content_type);

  Options options_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace konekwa::api
