#include "daemon/sandbox/tls_identity.h"

#include <sys/stat.h>

#include <filesystem>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace konekwa::sandbox {
namespace {

constexpr long kLifetimeSeconds = 10L * 365 * 86400;
constexpr long kBackdatedSeconds = 86400;

using EvpKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

bool add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (!extension) return false;
  const bool is_added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return is_added;
}

Certificate make_certificate(EVP_PKEY* key) {
  Certificate certificate(X509_new(), &X509_free);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdatedSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifetimeSeconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  static constexpr char kName[] = "konekwa-sandbox";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(kName), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const bool is_made = add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE") &&
                       add_extension(certificate.get(), NID_subject_key_identifier, "hash") &&
                       add_extension(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost") &&
                       X509_sign(certificate.get(), key, EVP_sha256()) > 0;
  if (!is_made) certificate.reset();
  return certificate;
}

bool write(const TlsIdentity& files, EVP_PKEY* key, X509* certificate) {
  const mode_t previous = umask(077);
  const File key_file(std::fopen(files.key_file.c_str(), "w"), &std::fclose);
  umask(previous);
  const File certificate_file(std::fopen(files.certificate_file.c_str(), "w"), &std::fclose);
  if (!key_file || !certificate_file) return false;
  return PEM_write_PrivateKey(key_file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
         PEM_write_X509(certificate_file.get(), certificate) == 1;
}

}  // namespace

Result<TlsIdentity> tls_identity_in(const std::string& directory) {
  const TlsIdentity files{directory + "/tls.crt", directory + "/tls.key"};
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  using std::filesystem::exists;
  if (exists(files.certificate_file, ignored) && exists(files.key_file, ignored)) return files;
  const EvpKey key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (!key) return fail(ErrorCode::INTERNAL_ERROR, "cannot make a TLS key");
  const Certificate certificate = make_certificate(key.get());
  if (!certificate) return fail(ErrorCode::INTERNAL_ERROR, "cannot make a TLS certificate");
  if (!write(files, key.get(), certificate.get())) {
    return fail(ErrorCode::STORAGE_UNAVAILABLE, "cannot write the TLS certificate to " + directory);
  }
  return files;
}

}  // namespace konekwa::sandbox
