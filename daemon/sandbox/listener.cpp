#include "daemon/sandbox/listener.h"

#include <set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/ssl.hpp>

#include "common/log.h"
#include "daemon/sandbox/media_store.h"
#include "daemon/sandbox/ws_transport.h"

namespace konekwa::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kHeaderBytesMax = 8u << 10;
constexpr std::size_t kBodyBytesMax = 1u << 20;
constexpr auto kHttpTimeout = std::chrono::seconds(60);
constexpr std::string_view kWebsocketPath = "/ws/chat";
constexpr std::string_view kMediaPath = "/mms/";
constexpr std::string_view kAdminPath = "/admin";
constexpr std::string_view kVersionPath = "/sw.js";

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

std::string target_of(const Request& request) { return {request.target().data(), request.target().size()}; }

Response respond(const Request& request, http::status status, std::string_view type, std::string body) {
  Response response(status, request.version());
  response.set(http::field::content_type, beast::string_view(type.data(), type.size()));
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  return response;
}

// What is answered without a WebSocket.
class Site {
 public:
  Site(Sandbox& sandbox, std::string host) : sandbox_(sandbox), host_(std::move(host)) {}

  Sandbox& sandbox() { return sandbox_; }

  Response answer(const Request& request) {
    const std::string target = target_of(request);
    const std::string path = MediaStore::path_of(target);
    if (path == "/") return respond(request, http::status::ok, "text/plain", "ok\n");
    if (path == kVersionPath) return respond(request, http::status::ok, "text/javascript", version_page());
    if (path == kAdminPath || path.starts_with(std::string(kAdminPath) + "/")) {
      const auto method = request.method_string();
      const SandboxAnswer answer = sandbox_.admin({method.data(), method.size()}, target, request.body());
      return respond(request, static_cast<http::status>(answer.status), "application/json", answer.body + "\n");
    }
    if (path.starts_with(kMediaPath)) return answer_media(request, path);
    return respond(request, http::status::not_found, "text/plain", "there is nothing here\n");
  }

 private:
  // The last number of the version stands in the page's settings.
  std::string version_page() const {
    const std::string version = sandbox_.web_version();
    return fmt::format("self.settings = JSON.parse(\"{{\\\"client_revision\\\":{}}}\");\n",
                       version.substr(version.rfind('.') + 1));
  }

  Response answer_media(const Request& request, const std::string& path) {
    if (request.method() == http::verb::post) {
      media_.put(path, request.body());
      return respond(request, http::status::ok, "application/json",
                     fmt::format(R"({{"url":"https://{}{}","direct_path":"{}"}})", host_, path, path));
    }
    const std::string* bytes = media_.find(path);
    if (!bytes) return respond(request, http::status::not_found, "text/plain", "there is nothing here\n");
    return respond(request, http::status::ok, "application/octet-stream", *bytes);
  }

  Sandbox& sandbox_;
  std::string host_;
  MediaStore media_;
};

// One HTTP connection, until it ends or becomes a WebSocket.
template <class Stream>
class HttpConnection final : public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, std::shared_ptr<Site> site) : stream_(std::move(stream)), site_(std::move(site)) {}

  void start() {
    beast::get_lowest_layer(stream_).expires_after(kHttpTimeout);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code failed) {
                                if (!failed) self->read();
                              });
    } else {
      read();
    }
  }

 private:
  void read() {
    beast::get_lowest_layer(stream_).expires_after(kHttpTimeout);
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(kMediaBytesMax);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](beast::error_code failed, std::size_t) {
                              if (!failed) self->on_header();
                            });
  }

  void on_header() {
    const Request& head = parser_->get();
    if (beast::websocket::is_upgrade(head)) return upgrade();
    if (!target_of(head).starts_with(kMediaPath)) parser_->body_limit(kBodyBytesMax);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](beast::error_code failed, std::size_t) {
                       self->on_body(failed);
                     });
  }

  void on_body(beast::error_code failed) {
    const Request& request = parser_->get();
    if (failed == http::error::body_limit) {
      return write(respond(request, http::status::payload_too_large, "text/plain", "too large\n"));
    }
    if (!failed) write(site_->answer(request));
  }

  void upgrade() {
    Request request = parser_->release();
    if (MediaStore::path_of(target_of(request)) != kWebsocketPath) {
      return write(respond(request, http::status::not_found, "text/plain", "there is nothing here\n"));
    }
    site_->sandbox().accept([&](wa::io::Transport::Handler& handler) -> std::unique_ptr<wa::io::Transport> {
      return std::make_unique<WsTransport<Stream>>(std::move(stream_), std::move(request), handler);
    });
  }

  void write(Response response) {
    response_ = std::move(response);
    http::async_write(stream_, response_, [self = this->shared_from_this()](beast::error_code failed, std::size_t) {
      if (failed) return;
      if (self->response_.need_eof()) return beast::get_lowest_layer(self->stream_).close();
      self->read();
    });
  }

  Stream stream_;
  std::shared_ptr<Site> site_;                   // shared: connections may outlast the listener by a turn of the loop
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  Response response_;
};

class TcpListener final : public Listener {
 public:
  TcpListener(Tcp::acceptor acceptor, std::unique_ptr<asio::ssl::context> tls)
      : acceptor_(std::move(acceptor)), tls_(std::move(tls)), is_gone_(std::make_shared<bool>(false)) {}

  ~TcpListener() override { *is_gone_ = true; }

  std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

  void serve(Sandbox& sandbox, const std::string& media_host) override {
    site_ = std::make_shared<Site>(sandbox, media_host);
    accept();
  }

 private:
  void accept() {
    acceptor_.async_accept([this, is_gone = is_gone_](beast::error_code failed, Tcp::socket socket) {
      if (*is_gone) return;
      if (failed) {
        log::warn("sandbox", "accept: {}", failed.message());
      } else {
        start(std::move(socket));
      }
      accept();
    });
  }

  void start(Tcp::socket socket) {
    beast::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    if (tls_) {
      std::make_shared<HttpConnection<TlsStream>>(TlsStream(std::move(socket), *tls_), site_)->start();
    } else {
      std::make_shared<HttpConnection<beast::tcp_stream>>(beast::tcp_stream(std::move(socket)), site_)->start();
    }
  }

  Tcp::acceptor acceptor_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::shared_ptr<Site> site_;
  std::shared_ptr<bool> is_gone_;                // shared with the pending accept
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::bind(wa::io::AsioLoop& loop, const std::string& address, std::uint16_t port,
                                                 const std::optional<TlsIdentity>& tls) {
  beast::error_code failed;
  const auto ip = asio::ip::make_address(address, failed);
  if (failed) return fail(ErrorCode::NETWORK, fmt::format("'{}' is not an IP address", address));
  std::unique_ptr<asio::ssl::context> context;
  if (tls) {
    context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    context->use_certificate_chain_file(tls->certificate_file, failed);
    if (!failed) context->use_private_key_file(tls->key_file, asio::ssl::context::pem, failed);
    if (failed) return fail(ErrorCode::NETWORK, fmt::format("{}: {}", tls->certificate_file, failed.message()));
  }
  const Tcp::endpoint endpoint(ip, port);
  Tcp::acceptor acceptor(loop.context());
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    return fail(ErrorCode::NETWORK, fmt::format("cannot listen on {}:{}: {}", address, port, failed.message()));
  }
  return std::make_unique<TcpListener>(std::move(acceptor), std::move(context));
}

}  // namespace konekwa::sandbox
