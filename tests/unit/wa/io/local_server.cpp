#include "tests/unit/wa/io/local_server.h"

#include "daemon/wa/io/tls_stream.h"
#include "tests/unit/wa/io/test_certificate.h"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace konekwa::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using wa::io::TlsStream;

}  // namespace

struct LocalServer::State : std::enable_shared_from_this<State> {
  State(wa::io::AsioLoop& loop, Options o)
      : options(std::move(o)),
        acceptor(loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    if (options.is_tls) certificate.emplace(options.certificate_host);
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      ++self->clients_accepted;
      self->serve(std::move(socket));
      self->accept();
    });
  }

  void serve(tcp::socket socket);

  const Options options;
  tcp::acceptor acceptor;
  std::optional<TestCertificate> certificate;
  std::string origin, target;
  int clients_accepted = 0;
  int clients_ended = 0;
};

namespace {

template <class Stream>
struct Client : std::enable_shared_from_this<Client<Stream>> {
  template <class... Arguments>
  explicit Client(LocalServer::Options o, std::function<void(http::request<http::string_body>&)> on_upgrade,
                  std::function<void()> on_end, Arguments&&... arguments)
      : options(std::move(o)),
        upgraded(std::move(on_upgrade)),
        ended(std::move(on_end)),
        ws(std::forward<Arguments>(arguments)...) {}

  void read_request() {
    const auto self = this->shared_from_this();
    http::async_read(ws.next_layer(), buffer, request, [self](error_code error, std::size_t) {
      if (error) return self->ended();
      self->upgraded(self->request);
      if (self->options.http_status != 101) return self->refuse();
      self->ws.async_accept(self->request, [self](error_code failed) { failed ? self->ended() : self->read(); });
    });
  }

  void refuse() {
    const auto response = std::make_shared<http::response<http::empty_body>>(
        static_cast<http::status>(options.http_status), 11);
    response->prepare_payload();
    http::async_write(ws.next_layer(), *response, [self = this->shared_from_this(), response](error_code, std::size_t) {
      self->ended();
    });
  }

  void read() {
    buffer.clear();
    ws.async_read(buffer, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error) return self->ended();
      self->answer();
    });
  }

  void answer() {
    const auto text = beast::buffers_to_string(buffer.data());
    if (text == "close me") {
      return ws.async_close(websocket::close_code::going_away,
                            [self = this->shared_from_this()](error_code) { self->ended(); });
    }
    ws.text(text == "text");
    ws.async_write(buffer.data(), [self = this->shared_from_this()](error_code error, std::size_t) {
      error ? self->ended() : self->read();
    });
  }

  LocalServer::Options options;
  std::function<void(http::request<http::string_body>&)> upgraded;
  std::function<void()> ended;
  websocket::stream<Stream, false> ws;
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
};

}  // namespace

void LocalServer::State::serve(tcp::socket socket) {
  const auto on_upgrade = [self = shared_from_this()](http::request<http::string_body>& request) {
    self->origin = std::string(request[http::field::origin]);
    self->target = std::string(request.target());
  };
  const auto on_end = [self = shared_from_this()] { ++self->clients_ended; };
  if (!options.is_tls) {
    return std::make_shared<Client<tcp::socket>>(options, on_upgrade, on_end, std::move(socket))->read_request();
  }
  const auto client = std::make_shared<Client<TlsStream>>(options, on_upgrade, on_end, std::move(socket),
                                                          certificate->make_server_end());
  client->ws.next_layer().async_handshake([client](error_code error, std::size_t) {
    error ? client->ended() : client->read_request();
  });
}

LocalServer::LocalServer(wa::io::AsioLoop& loop, Options options)
    : state_(std::make_shared<State>(loop, std::move(options))) {
  state_->accept();
}
LocalServer::~LocalServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
}

std::string LocalServer::url() const {
  return std::string(state_->options.is_tls ? "wss" : "ws") + "://127.0.0.1:" + std::to_string(port()) + "/ws/chat";
}
int LocalServer::port() const { return state_->acceptor.local_endpoint().port(); }
std::string LocalServer::ca_file() const { return state_->certificate ? state_->certificate->file() : ""; }
std::string LocalServer::origin() const { return state_->origin; }
std::string LocalServer::target() const { return state_->target; }
int LocalServer::clients_accepted() const { return state_->clients_accepted; }
int LocalServer::clients_ended() const { return state_->clients_ended; }

}  // namespace konekwa::test
