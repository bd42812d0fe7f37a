#include "daemon/wa/io/tls_client.h"

#include <boost/asio/ip/address.hpp>
#include <openssl/x509v3.h>

#include <filesystem>

namespace konekwa::wa::io {
namespace {

std::int64_t modification_time(const std::string& file) {
  if (file.empty()) return 0;
  std::error_code error;
  const auto time = std::filesystem::last_write_time(file, error);
  return error ? 0 : static_cast<std::int64_t>(time.time_since_epoch().count());
}

Result<SslContext> make_context(const std::string& ca_file) {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  KONEKWA_ASSERT(context);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // Every frame is authenticated by Noise, so a missing close_notify can hide nothing.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
  if (loaded != 1) return fail(ErrorCode::UNTRUSTED, "cannot read the CA file " + ca_file);
  return context;
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

Result<SSL_CTX*> TlsClient::context(const std::string& ca_file) {
  const auto file_time = modification_time(ca_file);
  auto& entry = contexts_[ca_file];
  if (!entry.context || entry.file_time != file_time) {
    auto made = make_context(ca_file);
    if (!made) return fail(made.error());
    entry = {file_time, std::move(*made)};
  }
  return entry.context.get();
}

Result<Ssl> TlsClient::make(const std::string& host, const std::string& ca_file) {
  const auto shared = context(ca_file);
  if (!shared) return fail(shared.error());
  Ssl ssl(SSL_new(*shared));
  KONEKWA_ASSERT(ssl);
  SSL_set_connect_state(ssl.get());
  if (is_address(host)) {
    // A certificate names addresses apart from hosts, and SNI knows no addresses.
    KONEKWA_ASSERT(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1);
    return ssl;
  }
  if (SSL_set1_host(ssl.get(), host.c_str()) != 1 || SSL_set_tlsext_host_name(ssl.get(), host.c_str()) != 1) {
    return fail(ErrorCode::INVALID_REQUEST, "not a host name: " + host);
  }
  return ssl;
}

konekwa::Error tls_handshake_error(SSL* ssl, const std::string& host, const boost::system::error_code& error) {
  const auto verdict = SSL_get_verify_result(ssl);
  if (verdict == X509_V_OK) return konekwa::Error(ErrorCode::NETWORK, "TLS with " + host + ": " + error.message());
  return konekwa::Error(ErrorCode::UNTRUSTED, "the certificate is not trusted",
                        host + ": " + X509_verify_cert_error_string(verdict));
}

}  // namespace konekwa::wa::io
