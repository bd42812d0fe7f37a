#include "daemon/sandbox/listener.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/ssl.hpp>

#include "common/log.h"
#include "daemon/sandbox/http_connection.h"

namespace konekwa::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

class TcpListener final : public Listener {
 public:
  TcpListener(Tcp::acceptor acceptor, std::unique_ptr<asio::ssl::context> tls)
      : acceptor_(std::move(acceptor)), tls_(std::move(tls)), is_gone_(std::make_shared<bool>(false)) {}

  ~TcpListener() override { *is_gone_ = true; }

  std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

  void serve(Sandbox& sandbox) override {
    site_ = std::make_shared<Site>(sandbox);
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
