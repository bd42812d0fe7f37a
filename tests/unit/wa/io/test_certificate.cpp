#include "tests/unit/wa/io/test_certificate.h"

#include "common/error.h"

#include <boost/asio/ip/address.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace konekwa::test {
namespace {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::unique_ptr<X509, KeyDeleter> make_certificate(EVP_PKEY* key, const std::string& host) {
  std::unique_ptr<X509, KeyDeleter> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  // Authorities are told apart by their names.
  auto* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  const auto names = (no_address ? "DNS:" : "IP:") + host;
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

}  // namespace

TestCertificate::TestCertificate(const std::string& host) : context_(SSL_CTX_new(TLS_server_method())) {
  const std::unique_ptr<EVP_PKEY, KeyDeleter> key(EVP_EC_gen("P-256"));
  const auto certificate = make_certificate(key.get(), host);
  KONEKWA_ASSERT(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1);
  KONEKWA_ASSERT(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
  char path[] = "/tmp/konekwa-test-XXXXXX";
  const int descriptor = mkstemp(path);
  KONEKWA_ASSERT(descriptor >= 0);
  auto* file = fdopen(descriptor, "w");
  PEM_write_X509(file, certificate.get());
  fclose(file);
  file_ = path;
}

TestCertificate::~TestCertificate() { unlink(file_.c_str()); }

wa::io::Ssl TestCertificate::make_server_end() const {
  wa::io::Ssl ssl(SSL_new(context_.get()));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace konekwa::test
