#include "daemon/wa/io/tls_stream.h"

#include "common/error.h"

#include <boost/asio/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>

#include <cerrno>
#include <csignal>

namespace konekwa::wa::io {
namespace {

// Boost means its categories to live for ever and leaves their destructor as it is.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class TlsErrors final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "tls"; }
  std::string message(int value) const override {
    const char* reason = ERR_reason_error_string(static_cast<unsigned int>(value));
    return reason ? reason : "TLS error";
  }
};
#pragma GCC diagnostic pop

const TlsErrors& tls_errors() {
  static const TlsErrors kErrors;
  return kErrors;
}

void ignore_broken_pipes() {
  static const auto kPrevious = std::signal(SIGPIPE, SIG_IGN);
  static_cast<void>(kPrevious);
}

// SSL_get_error judges by what the failed call has left behind, so nothing older may lie there.
void forget_errors() {
  ERR_clear_error();
  errno = 0;
}

// The inner session waits for what the outer one waits for, so the steps below need not know of it.
void run_inside(SSL* inner, SSL* outer) {
  BIO* bio = BIO_new(BIO_f_ssl());
  KONEKWA_ASSERT(bio != nullptr);
  BIO_set_ssl(bio, outer, BIO_NOCLOSE);
  SSL_set_bio(inner, bio, bio);
  // When the BIO is freed it shuts the outer session down, at a time when the number of its socket may be another's.
  SSL_set_quiet_shutdown(outer, 1);
}

}  // namespace

TlsStream::TlsStream(Socket socket, Ssl ssl, Ssl outer)
    : socket_(std::move(socket)), outer_(std::move(outer)), ssl_(std::move(ssl)) {
  ignore_broken_pipes();
  Error error;
  socket_.native_non_blocking(true, error);
  if (outer_) {
    run_inside(ssl_.get(), outer_.get());
  } else {
    KONEKWA_ASSERT(SSL_set_fd(ssl_.get(), socket_.native_handle()) == 1);
  }
  // Buffers are given back whenever they are empty.
  SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
}

TlsStream::Step TlsStream::handshake_step() {
  forget_errors();
  return step_of(SSL_do_handshake(ssl_.get()));
}

TlsStream::Step TlsStream::read_step(boost::asio::mutable_buffer into) {
  if (into.size() == 0) return {};
  forget_errors();
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
  if (result == 1) return {Step::Next::Done, {}, size};
  return step_of(result);
}

TlsStream::Step TlsStream::write_step() {
  if (writing_.empty()) return {};
  forget_errors();
  std::size_t size = 0;
  auto step = Step{};
  const int result = SSL_write_ex(ssl_.get(), writing_.data(), writing_.size(), &size);
  if (result == 1) {
    step.size = size;
  } else {
    step = step_of(result);
  }
  if (step.next == Step::Next::Done) Bytes().swap(writing_);
  return step;
}

TlsStream::Step TlsStream::step_of(int result) {
  namespace error = boost::asio::error;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE: return {};
    case SSL_ERROR_WANT_READ: return {Step::Next::WaitToRead, {}, 0};
    case SSL_ERROR_WANT_WRITE: return {Step::Next::WaitToWrite, {}, 0};
    case SSL_ERROR_ZERO_RETURN: return {Step::Next::Done, error::eof, 0};
    case SSL_ERROR_SYSCALL: {
      const Error system(errno, boost::system::system_category());
      return {Step::Next::Done, errno != 0 ? system : Error(error::eof), 0};
    }
    default: return {Step::Next::Done, Error(static_cast<int>(ERR_get_error()), tls_errors()), 0};
  }
}

void TlsStream::send_close_notify() {
  forget_errors();
  SSL_shutdown(ssl_.get());
}

void teardown(boost::beast::role_type, TlsStream& stream, boost::system::error_code& error) {
  stream.send_close_notify();
  boost::system::error_code ignored;
  stream.next_layer().shutdown(TlsStream::Socket::shutdown_both, ignored);
  stream.next_layer().close(ignored);
  error = {};
}

}  // namespace konekwa::wa::io
