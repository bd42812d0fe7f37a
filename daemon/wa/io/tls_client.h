// The client's end of TLS: whom we trust, and that the certificate is for the host we asked for.
// Includes tls_stream.h, so it is for .cpp files that talk TLS.
#pragma once

#include <map>
#include <string>

#include "common/error.h"
#include "daemon/wa/io/tls_stream.h"

namespace konekwa::wa::io {

// Contexts are shared by all connections that trust the same authorities. The loop's thread.
class TlsClient {
 public:
  // For a connection to `host`, whose certificate must lead to an authority in `ca_file`; empty: the system's.
  // UNTRUSTED when the file cannot be read.
  Result<Ssl> make(const std::string& host, const std::string& ca_file);

 private:
  struct Context {
    std::int64_t file_time = 0;   // of the file as it was read; a sandbox may make a new certificate
    SslContext context;
  };
  Result<SSL_CTX*> context(const std::string& ca_file);

  std::map<std::string, Context> contexts_;   // by CA file
};

// Why the handshake did not end well: UNTRUSTED when it was the certificate, NETWORK otherwise.
konekwa::Error tls_handshake_error(SSL* ssl, const std::string& host, const boost::system::error_code& error);

}  // namespace konekwa::wa::io
