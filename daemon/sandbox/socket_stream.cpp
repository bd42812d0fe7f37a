#include "daemon/sandbox/socket_stream.h"

namespace konekwa::sandbox {

class SocketStream::Way {
 public:
  virtual ~Way() = default;
  virtual Socket& socket() = 0;
  virtual void handshake(Done done) = 0;
  virtual void read(boost::asio::mutable_buffer into, Done done) = 0;
  virtual void write(boost::asio::const_buffer from, Done done) = 0;
  virtual void say_goodbye() = 0;
};

class SocketStream::PlainWay final : public Way {
 public:
  explicit PlainWay(Socket socket) : socket_(std::move(socket)) {}
  Socket& socket() override { return socket_; }
  void handshake(Done done) override {
    boost::asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
  }
  void read(boost::asio::mutable_buffer into, Done done) override { socket_.async_read_some(into, std::move(done)); }
  void write(boost::asio::const_buffer from, Done done) override { socket_.async_write_some(from, std::move(done)); }
  void say_goodbye() override {
    Error ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

 private:
  Socket socket_;
};

class SocketStream::TlsWay final : public Way {
 public:
  TlsWay(Socket socket, wa::io::Ssl ssl) : stream_(std::move(socket), std::move(ssl)) {}
  Socket& socket() override { return stream_.next_layer(); }
  void handshake(Done done) override { stream_.async_handshake(std::move(done)); }
  void read(boost::asio::mutable_buffer into, Done done) override { stream_.async_read_some(into, std::move(done)); }
  void write(boost::asio::const_buffer from, Done done) override { stream_.async_write_some(from, std::move(done)); }
  void say_goodbye() override {
    stream_.send_close_notify();
    Error ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
  }

 private:
  wa::io::TlsStream stream_;
};

SocketStream::SocketStream(Socket socket) : way_(std::make_unique<PlainWay>(std::move(socket))) {}
SocketStream::SocketStream(Socket socket, wa::io::Ssl ssl)
    : way_(std::make_unique<TlsWay>(std::move(socket), std::move(ssl))) {}
SocketStream::SocketStream(SocketStream&&) noexcept = default;
SocketStream::~SocketStream() = default;

SocketStream::Socket& SocketStream::socket() { return way_->socket(); }
void SocketStream::handshake(Done done) { way_->handshake(std::move(done)); }
void SocketStream::read(boost::asio::mutable_buffer into, Done done) { way_->read(into, std::move(done)); }
void SocketStream::write(Done done) { way_->write(boost::asio::buffer(writing_), std::move(done)); }

void SocketStream::close() {
  Error ignored;
  socket().close(ignored);
}

void SocketStream::shut() {
  if (socket().is_open()) way_->say_goodbye();
  close();
}

void teardown(boost::beast::role_type, SocketStream& stream, boost::system::error_code& error) {
  stream.shut();
  error = {};
}

void beast_close_socket(SocketStream& stream) { stream.close(); }

}  // namespace konekwa::sandbox
