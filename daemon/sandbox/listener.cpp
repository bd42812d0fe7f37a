#include "daemon/sandbox/listener.h"

#include <boost/asio/io_context.hpp>

#include "common/log.h"
#include "daemon/sandbox/http_connection.h"
#include "daemon/sandbox/socket_stream.h"

namespace konekwa::sandbox {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using boost::system::error_code;
using wa::io::Ssl;
using wa::io::SslContext;

Result<SslContext> server_context(const TlsIdentity& identity) {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  KONEKWA_ASSERT(context);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Clients that go without a close_notify are many, and Noise and HTTP know where they end.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (SSL_CTX_use_certificate_chain_file(context.get(), identity.certificate_file.c_str()) != 1) {
    return fail(ErrorCode::NETWORK, "cannot use the certificate " + identity.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), identity.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(ErrorCode::NETWORK, "cannot use the key " + identity.key_file);
  }
  return context;
}

class TcpListener final : public Listener {
 public:
  TcpListener(wa::io::AsioLoop& loop, Tcp::acceptor acceptor, SslContext tls)
      : loop_(loop), acceptor_(std::move(acceptor)), tls_(std::move(tls)), is_gone_(std::make_shared<bool>(false)) {}

  ~TcpListener() override { *is_gone_ = true; }

  std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

  void serve(Sandbox& sandbox) override {
    site_ = std::make_shared<Site>(sandbox);
    accept();
  }

 private:
  void accept() {
    acceptor_.async_accept([this, is_gone = is_gone_](error_code failed, Tcp::socket socket) {
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
    error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    if (!tls_) return start_http_connection(loop_, SocketStream(std::move(socket)), site_);
    Ssl ssl(SSL_new(tls_.get()));
    KONEKWA_ASSERT(ssl);
    SSL_set_accept_state(ssl.get());
    start_http_connection(loop_, SocketStream(std::move(socket), std::move(ssl)), site_);
  }

  wa::io::AsioLoop& loop_;
  Tcp::acceptor acceptor_;
  SslContext tls_;
  std::shared_ptr<Site> site_;
  std::shared_ptr<bool> is_gone_;                // shared with the pending accept
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::bind(wa::io::AsioLoop& loop, const std::string& address, std::uint16_t port,
                                                 const std::optional<TlsIdentity>& tls) {
  error_code failed;
  const auto ip = asio::ip::make_address(address, failed);
  if (failed) return fail(ErrorCode::NETWORK, fmt::format("'{}' is not an IP address", address));
  SslContext context;
  if (tls) {
    auto made = server_context(*tls);
    if (!made) return fail(made.error());
    context = std::move(*made);
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
  return std::make_unique<TcpListener>(loop, std::move(acceptor), std::move(context));
}

}  // namespace konekwa::sandbox
