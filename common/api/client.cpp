#include "common/api/client.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <httplib.h>
#include <unistd.h>

namespace konekwa::api {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";
constexpr const char* kRequestId = "X-Request-Id";
constexpr std::size_t kRefusalBytesMax = 64 * 1024;
constexpr std::size_t kFilePieceBytes = 64 * 1024;

std::unique_ptr<httplib::Client> open(const Url& url) {
  if (url.kind == Url::Kind::Unix) {
    // For a Unix socket the library takes the path as the host, and any port but 0.
    auto client = std::make_unique<httplib::Client>(url.socket, 80);
    client->set_address_family(AF_UNIX);
    return client;
  }
  if (url.kind == Url::Kind::Http) return std::make_unique<httplib::Client>(url.host, url.port);
  Url origin = url;
  origin.path.clear();
  return std::make_unique<httplib::Client>(origin.text());
}

// A request of which no answer came.
struct Lost {
  const Url& url;
  const httplib::Request& request;
  Duration answer_timeout;
  bool is_cancelled;     // by the user, and not by the other side
};

// What to know before it is repeated. What only reads can be: "".
std::string doubt_about(const httplib::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return {};
  const bool is_message = request.method == "POST" && request.path.ends_with("/v1/messages");
  if (!is_message) return "nobody knows whether it was done";
  if (request.has_header("Idempotency-Key")) {
    return "nobody knows whether it was done; repeated with the same key it is done once";
  }
  return "nobody knows whether it was done; with --idempotency-key a repeated send is safe";
}

Failure cancelled(const Lost& lost, httplib::Error error) {
  const bool was_sent = error != httplib::Error::Connection && error != httplib::Error::Unknown;
  const std::string doubt = was_sent ? doubt_about(lost.request) : "";
  return Failure(Error(ErrorCode::CANCELLED, "ended before the answer came", ""), doubt);
}

Failure unreachable(const Lost& lost, httplib::Error error) {
  const Url& url = lost.url;
  if (lost.is_cancelled) return cancelled(lost, error);
  const bool was_connected = error == httplib::Error::Read || error == httplib::Error::Write;
  if (was_connected) {
    return Failure(Error(ErrorCode::UNREACHABLE, fmt::format("{} gave no whole answer within {}", url.text(),
                                                             to_string(lost.answer_timeout))),
                   doubt_about(lost.request));
  }
  if (error == httplib::Error::SSLServerVerification) {
    return Failure(Error(ErrorCode::UNREACHABLE, fmt::format("the certificate of {} is not trusted", url.text())),
                   "name its authority with SSL_CERT_FILE");
  }
  if (url.kind != Url::Kind::Unix) {
    return Failure(Error(ErrorCode::UNREACHABLE, url.text()), "is it running, and is the address right?");
  }
  if (::access(url.socket.c_str(), F_OK) != 0) {
    return Failure(Error(ErrorCode::UNREACHABLE, fmt::format("there is no socket {}", url.socket)),
                   "start konekwad, or say where it is with --url or KONEKWA_URL");
  }
  if (::access(url.socket.c_str(), R_OK | W_OK) != 0) {
    return Failure(Error(ErrorCode::UNREACHABLE, fmt::format("no permission for the socket {}", url.socket)),
                   "join the group of the socket, or use --url http://host:port with an API key");
  }
  return Failure(Error(ErrorCode::UNREACHABLE, fmt::format("nobody listens on {}", url.socket)),
                 "start konekwad: a socket without a listener is left behind by a crash");
}

// A header is one line of visible characters: anything else would end in the middle of the request.
bool is_header_text(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c != 0x7f; });
}

Failure refusal_of(int status, const std::string& body, const std::string& request_id) {
  Failure out = failure_from(status, body);
  out.request_id = request_id;
  return out;
}

bool is_success(int status) { return status >= 200 && status < 300; }

// By its first character, unless it says that it is something else: a picture may begin with a brace.
bool looks_like_json(const httplib::Response& response) {
  const std::string type = response.get_header_value("Content-Type");
  if (!type.empty() && type.find("json") == std::string::npos) return false;
  const std::size_t first = response.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (response.body[first] == '{' || response.body[first] == '[');
}

Outcome<httplib::Request> make_request(const ApiClient::Options& options, const std::string& method,
                                       const std::string& target, const ApiClient::Headers& headers) {
  httplib::Request request;
  request.method = method;
  request.path = options.url.path + target;
  request.headers = {{"User-Agent", "konekwa/" KONEKWA_VERSION}, {"Accept", "*/*"}};
  if (options.url.kind == Url::Kind::Unix) request.headers.emplace("Host", "localhost");
  if (!options.api_key.empty()) request.headers.emplace("X-API-Key", options.api_key);
  if (!options.tenant.empty()) request.headers.emplace("X-Konekwa-Tenant", options.tenant);
  for (const auto& [name, value] : headers) request.headers.emplace(name, value);
  for (const auto& [name, value] : request.headers) {
    if (is_header_text(value)) continue;
    return failed(ErrorCode::INVALID_REQUEST, name + " holds characters that a header may not");
  }
  return request;
}

Outcome<Response> read_response(const httplib::Response& answer) {
  Response response;
  response.status = answer.status;
  response.raw = answer.body;
  if (looks_like_json(answer)) {
    Result<Json> parsed = parse_json(response.raw);
    if (!parsed) return failed(ErrorCode::PROTOCOL, "the answer is not JSON: " + parsed.error().details);
    response.body = std::move(*parsed);
  }
  return response;
}

Outcome<Response> answer_of(const httplib::Result& result, const Lost& lost) {
  if (!result) return failed(unreachable(lost, result.error()));
  if (!is_success(result->status)) {
    return failed(refusal_of(result->status, result->body, result->get_header_value(kRequestId)));
  }
  auto response = read_response(*result);
  if (response) response->is_replayed = result->get_header_value("Idempotent-Replayed") == "true";
  return response;
}

}  // namespace

class ApiClient::Connection {
 public:
  explicit Connection(const Options& options) : client(open(options.url)), options_(options) {
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_url_encode(false);
    client->set_connection_timeout(options.connect_timeout);
    client->set_write_timeout(options.answer_timeout);
    client->set_socket_options([this](socket_t socket) { tell(socket); });
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends it, and waits for the answer unless the user wants it no more.
  httplib::Result send(httplib::Request& request, Duration answer_timeout) {
    return watched(answer_timeout, [&] { return client->send(request); });
  }
  template <class Exchange>
  httplib::Result watched(Duration answer_timeout, const Exchange& exchange) {
    timeout_ = answer_timeout;
    is_cancelled_ = !tell(client->is_socket_open() != 0 ? static_cast<int>(client->socket()) : kNoSocketYet);
    if (is_cancelled_) return {nullptr, httplib::Error::Connection};
    client->set_read_timeout(answer_timeout);
    httplib::Result result = exchange();
    is_cancelled_ = !tell(kNoSocket);
    return result;
  }

  // Of what was sent last.
  Lost lost(const httplib::Request& request) const { return {options_.url, request, timeout_, is_cancelled_}; }

  const std::unique_ptr<httplib::Client> client;

 private:
  bool tell(int socket) const { return !options_.on_socket || options_.on_socket(socket); }

  const Options options_;
  Duration timeout_{};
  bool is_cancelled_ = false;
};

ApiClient::ApiClient(Options options)
    : options_(std::move(options)), connection_(std::make_unique<Connection>(options_)) {}

ApiClient::~ApiClient() = default;

void ApiClient::stop() { connection_->client->stop(); }

Outcome<Response> ApiClient::request(const std::string& method, const std::string& target, const std::string& body,
                                     const Headers& headers, const std::string& content_type) {
  auto request = make_request(options_, method, target, headers);
  if (!request) return failed(request.error());
  request->body = body;
  if (!body.empty()) request->headers.emplace("Content-Type", content_type);
  const httplib::Result result = connection_->send(*request, options_.answer_timeout);
  return answer_of(result, connection_->lost(*request));
}

Outcome<Response> ApiClient::get(const std::string& target, Duration answer_timeout) {
  if (answer_timeout == Duration(0)) answer_timeout = options_.answer_timeout;
  auto request = make_request(options_, "GET", target, {});
  if (!request) return failed(request.error());
  const httplib::Result result = connection_->send(*request, answer_timeout);
  return answer_of(result, connection_->lost(*request));
}

Outcome<Response> ApiClient::send(const std::string& method, const std::string& target, const Json& body,
                                  const Headers& headers) {
  // Text from the command line need not be UTF-8. The daemon would refuse it, and say so less clearly.
  std::string text;
  try {
    text = body.dump();
  } catch (const Json::type_error&) {
    return failed(Failure(Error(ErrorCode::INVALID_REQUEST, "a value is not valid UTF-8", ""),
                          "iconv -f ISO-8859-1 -t UTF-8 changes what came from an older program"));
  }
  return request(method, target, text, headers);
}

Outcome<Response> ApiClient::probe(const std::string& target) {
  auto request = make_request(options_, "GET", target, {});
  if (!request) return failed(request.error());
  const httplib::Result result = connection_->send(*request, options_.answer_timeout);
  if (!result) return failed(unreachable(connection_->lost(*request), result.error()));
  auto response = read_response(*result);
  if (response) response->date = result->get_header_value("Date");
  return response;
}

Outcome<Response> ApiClient::upload(const std::string& target, const std::string& path,
                                    const std::string& content_type) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = file ? static_cast<std::int64_t>(file.tellg()) : -1;
  // A folder opens, and is as long as nothing could be.
  if (size < 0 || !file.seekg(0) || (size > 0 && file.peek() == std::ifstream::traits_type::eof())) {
    return failed(unreadable(path));
  }
  bool is_cut_off = false;
  const auto give = [&](char* to, std::size_t most) {
    file.read(to, static_cast<std::streamsize>(most));
    is_cut_off = file.gcount() == 0;
    return static_cast<std::size_t>(file.gcount());
  };
  auto response = post_pieces(target, static_cast<std::size_t>(size), give, content_type);
  if (!is_cut_off) return response;
  return failed(ErrorCode::INVALID_REQUEST, fmt::format("{} has become shorter while it was read", path));
}

Outcome<Response> ApiClient::upload_octets(const std::string& target, std::string_view octets,
                                           const std::string& content_type) {
  std::string_view rest = octets;
  const auto give = [&](char* to, std::size_t most) {
    const std::size_t size = rest.copy(to, most);
    rest.remove_prefix(size);
    return size;
  };
  return post_pieces(target, octets.size(), give, content_type);
}

Outcome<Response> ApiClient::post_pieces(const std::string& target, std::size_t size, const Give& give,
                                         const std::string& content_type) {
  const auto request = make_request(options_, "POST", target, {});
  if (!request) return failed(request.error());
  std::vector<char> piece(kFilePieceBytes);
  const auto provide = [&](std::size_t, std::size_t length, httplib::DataSink& sink) {
    const std::size_t given = give(piece.data(), std::min(length, piece.size()));
    if (given == 0) return false;
    sink.write(piece.data(), given);   // the library notices what went wrong
    return true;
  };
  const httplib::Result result = connection_->watched(options_.answer_timeout, [&] {
    return connection_->client->Post(request->path.c_str(), request->headers, size, provide, content_type.c_str());
  });
  const Lost lost = connection_->lost(*request);
  // A daemon that wants no more of it hangs up, and its answer is lost with the connection.
  if (!result && result.error() == httplib::Error::Write && !lost.is_cancelled) {
    const std::string what = fmt::format("{} did not take the whole file", options_.url.text());
    return failed(Failure(Error(ErrorCode::UNREACHABLE, what),
                          "is it larger than konekwad's --media-bytes-max, or its disk full?"));
  }
  return answer_of(result, lost);
}

Outcome<> ApiClient::download(const std::string& target, const std::function<bool(std::string_view piece)>& write,
                              Duration answer_timeout) {
  if (answer_timeout == Duration(0)) answer_timeout = options_.answer_timeout;
  auto request = make_request(options_, "GET", target, {});
  if (!request) return failed(request.error());
  int status = 0;
  bool goes_on = true;
  std::string refusal, request_id;
  request->response_handler = [&](const httplib::Response& response) {
    status = response.status;
    request_id = response.get_header_value(kRequestId);
    return true;
  };
  request->content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (is_success(status)) return goes_on = write({data, size});
    refusal += std::string_view(data, size).substr(0, kRefusalBytesMax - refusal.size());
    return true;
  };
  const httplib::Result result = connection_->send(*request, answer_timeout);
  if (!goes_on) return failed(ErrorCode::CANCELLED, "the rest was not wanted");
  if (!result) return failed(unreachable(connection_->lost(*request), result.error()));
  if (!is_success(status)) return failed(refusal_of(status, refusal, request_id));
  return {};
}

Outcome<> ApiClient::follow(const std::string& target, const Headers& headers,
                            const EventStreamParser::OnEvent& on_event) {
  auto request = make_request(options_, "GET", target, headers);
  if (!request) return failed(request.error());
  Connection connection(options_);
  int status = 0;
  bool is_stream = false;
  std::string refusal, request_id;
  Result<bool> goes_on = true;
  EventStreamParser parser(on_event);
  request->response_handler = [&](const httplib::Response& response) {
    status = response.status;
    request_id = response.get_header_value(kRequestId);
    is_stream = is_success(status) && response.get_header_value("Content-Type").starts_with(kEventStream);
    return is_stream || !is_success(status);
  };
  request->content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    const std::string_view octets(data, size);
    if (is_stream) return (goes_on = parser.feed(octets)).value_or(false);
    refusal += octets.substr(0, kRefusalBytesMax - refusal.size());
    return true;
  };
  const httplib::Result result = connection.send(*request, options_.answer_timeout);
  if (status == 0) return failed(unreachable(connection.lost(*request), result.error()));
  if (!is_success(status)) return failed(refusal_of(status, refusal, request_id));
  if (!is_stream) return failed(ErrorCode::PROTOCOL, "the answer is not a stream of events");
  if (!goes_on) return failed(Failure(goes_on.error()));
  return {};
}

}  // namespace konekwa::api
