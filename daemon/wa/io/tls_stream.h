// TLS over a socket as an AsyncStream for Beast, for either end. OpenSSL reads and writes the socket itself
// (SSL_set_fd), which leaves out the two pairs of buffers that asio::ssl keeps for every connection: 32 KB a WebSocket
// instead of 84.
//
// Behind an https:// proxy one TLS session runs inside another: then OpenSSL reads and writes the outer session in
// place of the socket.
//
// A header with Asio in it, for the .cpp files that talk TLS: the operations are templates over their handlers.
// One read and one write may be under way; a thread at a time. OpenSSL's writes can raise SIGPIPE, so making a stream
// makes the process ignore that signal.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/bytes.h"

namespace konekwa::wa::io {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Ssl = std::unique_ptr<SSL, SslDeleter>;
using SslContext = std::unique_ptr<SSL_CTX, SslDeleter>;

class TlsStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Error = boost::system::error_code;
  using executor_type = boost::asio::any_io_executor;
  using next_layer_type = Socket;

  // `ssl` knows its end already: SSL_set_connect_state or SSL_set_accept_state. `outer` is a session over the same
  // socket whose handshake is done, and which `ssl` is to run inside of; null: straight over the socket.
  TlsStream(Socket socket, Ssl ssl, Ssl outer = nullptr);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& next_layer() { return socket_; }
  const Socket& next_layer() const { return socket_; }
  SSL* ssl() { return ssl_.get(); }

  // Handlers take (error_code, size_t); of the handshake's the size is 0.
  template <class Token>
  auto async_handshake(Token&& token) {
    return start([this] { return handshake_step(); }, std::forward<Token>(token));
  }

  template <class MutableBuffers, class Token>
  auto async_read_some(const MutableBuffers& buffers, Token&& token) {
    boost::asio::mutable_buffer into;
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it) {
      into = *it;
      if (into.size() != 0) break;
    }
    return start([this, into] { return read_step(into); }, std::forward<Token>(token));
  }

  template <class ConstBuffers, class Token>
  auto async_write_some(const ConstBuffers& buffers, Token&& token) {
    // Header and payload of a WebSocket frame come as two buffers; together they make one TLS record.
    writing_.resize(std::min(kRecordBytesMax, boost::asio::buffer_size(buffers)));
    boost::asio::buffer_copy(boost::asio::buffer(writing_), buffers);
    return start([this] { return write_step(); }, std::forward<Token>(token));
  }

  void send_close_notify();   // as far as the socket takes it at once

  // The parts, for a stream of another make. Nothing may be under way, and this one is of no use afterwards.
  std::pair<Socket, Ssl> release() { return {std::move(socket_), std::move(ssl_)}; }

 private:
  static constexpr std::size_t kRecordBytesMax = 16 * 1024;

  struct Step {
    enum class Next { Done, WaitToRead, WaitToWrite } next = Next::Done;
    Error error;
    std::size_t size = 0;
  };
  Step handshake_step();
  Step read_step(boost::asio::mutable_buffer into);
  Step write_step();
  Step step_of(int result);

  // Does a step again each time the socket is ready for it, until it is done.
  template <class TakeStep>
  struct Operation {
    Socket& socket;
    TakeStep take_step;
    bool has_waited = false;
    bool is_done = false;
    Step step{};

    template <class Self>
    void operator()(Self& self, Error error = {}) {
      if (!is_done) {
        step = error ? Step{Step::Next::Done, error, 0} : take_step();
        if (step.next != Step::Next::Done) {
          has_waited = true;
          const auto kind = step.next == Step::Next::WaitToRead ? Socket::wait_read : Socket::wait_write;
          return socket.async_wait(kind, std::move(self));
        }
        is_done = true;
        // A handler must not run inside the call that started its operation.
        if (!has_waited) return boost::asio::post(socket.get_executor(), std::move(self));
      }
      self.complete(step.error, step.size);
    }
  };

  template <class TakeStep, class Token>
  auto start(TakeStep take_step, Token&& token) {
    return boost::asio::async_compose<Token, void(Error, std::size_t)>(
        Operation<TakeStep>{socket_, std::move(take_step)}, token, socket_);
  }

  Socket socket_;
  Ssl outer_;       // goes after the session inside
  Ssl ssl_;
  Bytes writing_;   // what the write under way is of: OpenSSL must see the same octets when it tries again
};

// How Beast ends a stream below a WebSocket.
void teardown(boost::beast::role_type role, TlsStream& stream, boost::system::error_code& error);

template <class Handler>
void async_teardown(boost::beast::role_type role, TlsStream& stream, Handler&& handler) {
  boost::system::error_code error;
  teardown(role, stream, error);
  boost::asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler), error]() mutable {
    handler(error);
  });
}

}  // namespace konekwa::wa::io
