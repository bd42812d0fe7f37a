// A request and its answer, between the server, which knows sockets, and the API, which knows routes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/error.h"
#include "common/loop.h"
#include "daemon/gateway.h"
#include "daemon/http/body_sink.h"
#include "daemon/http/body_source.h"
#include "daemon/http/header_gate.h"
#include "daemon/http/target.h"

namespace konekwa::http {

// Who is at the other end.
struct Peer {
  bool is_unix_socket = false;
  bool is_admin = false;       // by the credentials of the Unix socket
  std::string address;         // the IP address; "" on the Unix socket

  bool is_loopback() const { return address.starts_with("127.") || address == "::1"; }
};

struct Request {
  Header header;
  Target target;
  std::string body;
  Peer peer;
  std::string id;              // X-Request-Id, the client's or made; unique enough to find a log line
};

struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<BodySource> source;    // of a stream; there is no `body` then
  std::optional<std::uint64_t> length;   // of what the source gives in all; nothing: nobody knows, and it may not end
};

Response to_response(Reply reply);
Response to_response(const Error& error);                          // {"error":{"code","message","details"}}
Response to_response(const Error& error, int status);
Response to_response(Result<Reply> result);

// The octets of an answer. A HEAD request gets the length of the body and no body.
std::string serialize(const Response& response, Time now, bool keeps_alive, bool is_head);
// The head of a body from a source whose length is known.
std::string serialize_head(const Response& response, Time now, bool keeps_alive);
// The head of a stream. Its connection is closed after it.
std::string serialize_stream_head(const Response& response, Time now, bool is_chunked);
std::string chunk_of(std::string_view piece);                      // of the chunked coding; "" is the last one

using Respond = std::function<void(Response)>;                     // once, on any thread
using Later = std::function<void(Duration, Task)>;                 // runs the task on an HTTP thread, or never at stop

// What the server asks for each request. Calls come from several threads at once.
class Application {
 public:
  using Run = std::function<void(Request, Respond, const Later&)>;
  struct Admitted {
    Run run;                       // with the body, or when the sink has it
    bool is_authenticated = false;
    std::shared_ptr<BodySink> sink{};   // takes the body instead of Request::body
  };
  virtual ~Application() = default;
  // Decides on the header, before the body is read. A Response refuses.
  virtual std::variant<Response, Admitted> admit(const Request& request) = 0;
};

}  // namespace konekwa::http
