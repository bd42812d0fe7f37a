// A TCP connection, plain or TLS, as one AsyncStream for Beast. Which of the two it is, is decided at run time, so
// that Beast's templates are compiled once for both. One read and one write may be under way. Loop thread.
//
// A header with Asio in it, for http_connection.cpp and ws_transport.cpp: the operations are templates over their
// handlers.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include "common/bytes.h"
#include "daemon/wa/io/tls_stream.h"

namespace konekwa::sandbox {

inline constexpr std::size_t kSocketWriteBytesMax = 64u << 10;

class SocketStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Error = boost::system::error_code;
  using Done = std::function<void(Error, std::size_t)>;
  using executor_type = boost::asio::any_io_executor;

  explicit SocketStream(Socket socket);
  SocketStream(Socket socket, wa::io::Ssl ssl);  // `ssl` is in its accept state
  SocketStream(SocketStream&&) noexcept;         // nothing may be under way
  ~SocketStream();

  executor_type get_executor() { return socket().get_executor(); }
  void handshake(Done done);                     // of TLS; a plain connection is done at once
  void close();                                  // what is under way ends with an error
  void shut();                                   // says goodbye first

  template <class MutableBuffers, class Token>
  auto async_read_some(const MutableBuffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(Error, std::size_t)>(
        [](auto handler, SocketStream* self, boost::asio::mutable_buffer into) {
          self->read(into, erased(std::move(handler)));
        },
        token, this, first_of(buffers));
  }

  template <class ConstBuffers, class Token>
  auto async_write_some(const ConstBuffers& buffers, Token&& token) {
    // Header and payload of a WebSocket frame come as two buffers, and leave together.
    writing_.resize(std::min(kSocketWriteBytesMax, boost::asio::buffer_size(buffers)));
    boost::asio::buffer_copy(boost::asio::buffer(writing_), buffers);
    return boost::asio::async_initiate<Token, void(Error, std::size_t)>(
        [](auto handler, SocketStream* self) { self->write(erased(std::move(handler))); }, token, this);
  }

 private:
  class Way;                                     // plain or TLS
  class PlainWay;
  class TlsWay;

  template <class MutableBuffers>
  static boost::asio::mutable_buffer first_of(const MutableBuffers& buffers) {
    boost::asio::mutable_buffer into;
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it) {
      into = *it;
      if (into.size() != 0) break;
    }
    return into;
  }

  // A handler can only be moved and std::function wants to copy, so the two share it. It is moved out before it runs:
  // what it holds is gone when the next operation begins.
  template <class Handler>
  static Done erased(Handler handler) {
    return [shared = std::make_shared<Handler>(std::move(handler))](Error error, std::size_t size) {
      Handler own(std::move(*shared));
      own(error, size);
    };
  }

  Socket& socket();
  void read(boost::asio::mutable_buffer into, Done done);
  void write(Done done);

  std::unique_ptr<Way> way_;
  Bytes writing_;
};

// How Beast ends a stream below a WebSocket, and how when it has waited too long.
void teardown(boost::beast::role_type role, SocketStream& stream, boost::system::error_code& error);
void beast_close_socket(SocketStream& stream);

template <class Handler>
void async_teardown(boost::beast::role_type role, SocketStream& stream, Handler&& handler) {
  boost::system::error_code error;
  teardown(role, stream, error);
  boost::asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler), error]() mutable {
    handler(error);
  });
}

}  // namespace konekwa::sandbox
