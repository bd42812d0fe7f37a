// A server's certificate on loopback, made for a test: its own authority, for one name or address.
#pragma once

#include <string>

#include "daemon/wa/io/tls_stream.h"

namespace konekwa::test {

class TestCertificate {
 public:
  explicit TestCertificate(const std::string& host);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  wa::io::Ssl make_server_end() const;
  const std::string& file() const { return file_; }   // PEM

 private:
  wa::io::SslContext context_;
  std::string file_;
};

}  // namespace konekwa::test
