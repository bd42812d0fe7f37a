#include "tests/unit/wa/io/local_server.h"

#include "common/error.h"
#include "daemon/wa/io/tls_stream.h"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace konekwa::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using wa::io::TlsStream;

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::unique_ptr<X509, KeyDeleter> make_certificate(EVP_PKEY* key, const std::string& address) {
  std::unique_ptr<X509, KeyDeleter> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  auto* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const auto names = "IP:" + address;
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

}  // namespace

struct LocalServer::State : std::enable_shared_from_this<State> {
  State(wa::io::AsioLoop& loop, Options o)
      : options(std::move(o)),
        acceptor(loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    if (options.is_tls) make_tls();
  }
  ~State() {
    if (!ca_file.empty()) unlink(ca_file.c_str());
  }

  void make_tls() {
    const std::unique_ptr<EVP_PKEY, KeyDeleter> key(EVP_EC_gen("P-256"));
    const auto certificate = make_certificate(key.get(), options.certificate_host);
    tls.reset(SSL_CTX_new(TLS_server_method()));
    KONEKWA_ASSERT(SSL_CTX_use_certificate(tls.get(), certificate.get()) == 1);
    KONEKWA_ASSERT(SSL_CTX_use_PrivateKey(tls.get(), key.get()) == 1);
    char path[] = "/tmp/konekwa-test-XXXXXX";
    const int descriptor = mkstemp(path);
    KONEKWA_ASSERT(descriptor >= 0);
    auto* file = fdopen(descriptor, "w");
    PEM_write_X509(file, certificate.get());
    fclose(file);
    ca_file = path;
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      self->serve(std::move(socket));
      self->accept();
    });
  }

  void serve(tcp::socket socket);

  const Options options;
  tcp::acceptor acceptor;
  wa::io::SslContext tls;
  std::string ca_file, origin, target;
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
  wa::io::Ssl ssl(SSL_new(tls.get()));
  SSL_set_accept_state(ssl.get());
  const auto client =
      std::make_shared<Client<TlsStream>>(options, on_upgrade, on_end, std::move(socket), std::move(ssl));
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
  return std::string(state_->options.is_tls ? "wss" : "ws") + "://127.0.0.1:" +
         std::to_string(state_->acceptor.local_endpoint().port()) + "/ws/chat";
}
const std::string& LocalServer::ca_file() const { return state_->ca_file; }
std::string LocalServer::origin() const { return state_->origin; }
std::string LocalServer::target() const { return state_->target; }
int LocalServer::clients_ended() const { return state_->clients_ended; }

}  // namespace konekwa::test
