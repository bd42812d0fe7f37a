#include "common/api/client.h"

#include <algorithm>

#include <fmt/format.h>
#include <httplib.h>
#include <unistd.h>

namespace konekwa::api {
namespace {

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

Failure unreachable(const Url& url, httplib::Error error, Duration answer_timeout) {
  const bool was_connected = error == httplib::Error::Read || error == httplib::Error::Write;
  if (was_connected) {
    return Failure(Error(ErrorCode::UNREACHABLE, fmt::format("{} gave no whole answer within {}", url.text(),
                                                             to_string(answer_timeout))),
                   "nobody knows whether it was done; with --idempotency-key a repeated send is safe");
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

bool looks_like_json(const std::string& body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (body[first] == '{' || body[first] == '[');
}

}  // namespace

class ApiClient::Connection {
 public:
  explicit Connection(const Options& options) : client(open(options.url)) {
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_url_encode(false);
    client->set_connection_timeout(options.connect_timeout);
    client->set_read_timeout(options.answer_timeout);
    client->set_write_timeout(options.answer_timeout);
  }
  std::unique_ptr<httplib::Client> client;
};

ApiClient::ApiClient(Options options)
    : options_(std::move(options)), connection_(std::make_unique<Connection>(options_)) {}

ApiClient::~ApiClient() = default;

Outcome<Response> ApiClient::request(const std::string& method, const std::string& target, const std::string& body,
                                     const Headers& headers, const std::string& content_type) {
  httplib::Request request;
  request.method = method;
  request.path = options_.url.path + target;
  request.body = body;
  request.headers = {{"User-Agent", "konekwa/" KONEKWA_VERSION}, {"Accept", "*/*"}};
  if (options_.url.kind == Url::Kind::Unix) request.headers.emplace("Host", "localhost");
  if (!options_.api_key.empty()) request.headers.emplace("X-API-Key", options_.api_key);
  if (!options_.tenant.empty()) request.headers.emplace("X-Konekwa-Tenant", options_.tenant);
  if (!body.empty()) request.headers.emplace("Content-Type", content_type);
  for (const auto& [name, value] : headers) request.headers.emplace(name, value);
  for (const auto& [name, value] : request.headers) {
    if (is_header_text(value)) continue;
    return failed(ErrorCode::INVALID_REQUEST, name + " holds characters that a header may not");
  }

  httplib::Result result = connection_->client->send(request);
  if (!result) return failed(unreachable(options_.url, result.error(), options_.answer_timeout));
  if (result->status < 200 || result->status >= 300) return failed(failure_from(result->status, result->body));

  Response response;
  response.status = result->status;
  response.raw = std::move(result->body);
  if (looks_like_json(response.raw)) {
    Result<Json> parsed = parse_json(response.raw);
    if (!parsed) return failed(ErrorCode::PROTOCOL, "the answer is not JSON: " + parsed.error().details);
    response.body = std::move(*parsed);
  }
  return response;
}

Outcome<Response> ApiClient::post(const std::string& target, const Json& body, const Headers& headers) {
  // Text from the command line need not be UTF-8. The daemon would refuse it, and say so less clearly.
  std::string text;
  try {
    text = body.dump();
  } catch (const Json::type_error&) {
    return failed(ErrorCode::INVALID_REQUEST, "a value is not valid UTF-8");
  }
  return request("POST", target, text, headers);
}

}  // namespace konekwa::api
