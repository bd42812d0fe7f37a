#include "daemon/wa/io/proxy_connect.h"

#include "daemon/wa/io/tls_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace konekwa::wa::io {

namespace asio = boost::asio;

ProxyConnect::ProxyConnect(AsioLoop& loop, Options options, Done done)
    : loop_(loop), options_(std::move(options)), done_(std::move(done)) {}

void ProxyConnect::start(const std::string& host, const std::string& port) {
  auto dialogue = make_proxy_dialogue(options_.proxy, host, port);
  if (!dialogue) {
    return asio::post(loop_.context(), [self = shared_from_this(), why = dialogue.error().details] {
      self->refuse(why);
    });
  }
  dialogue_ = std::move(*dialogue);
  limit_ = loop_.after(options_.timeout, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->refuse("no answer in time");
  });
  connect_ = std::make_shared<TcpConnect>(
      loop_, [weak = weak_from_this()](std::optional<TcpConnect::Socket> socket, const std::string& why) {
        if (const auto self = weak.lock()) self->on_connected(std::move(socket), why);
      });
  connect_->start(options_.proxy.host, std::to_string(options_.proxy.port));
}

void ProxyConnect::cancel() {
  done_ = nullptr;
  close();
}

// A completion handler that ends here when nobody waits any more.
template <class Next>
auto ProxyConnect::then(Next next) {
  return [self = shared_from_this(), next](Error error, std::size_t size) {
    if (self->done_) next(*self, error, size);
  };
}

// The same operation, on the socket or on the TLS over it.
template <class Operation>
void ProxyConnect::on_stream(Operation operation) {
  if (tls_) return operation(*tls_);
  operation(*socket_);
}

void ProxyConnect::on_connected(std::optional<TcpConnect::Socket> socket, const std::string& why) {
  if (!done_) return;
  connect_.reset();
  if (!socket) return refuse(why);
  if (!options_.tls) {
    socket_ = std::move(socket);
    return say(dialogue_->opening());
  }
  tls_ = std::make_unique<TlsStream>(std::move(*socket), std::move(options_.tls));
  tls_->async_handshake(then([](ProxyConnect& self, Error error, std::size_t) { self.on_secured(error); }));
}

void ProxyConnect::on_secured(Error error) {
  if (!error) return say(dialogue_->opening());
  refuse(tls_handshake_error(tls_->ssl(), options_.proxy.host, error).text());
}

void ProxyConnect::say(Bytes octets) {
  saying_ = std::move(octets);
  on_stream([this](auto& stream) {
    asio::async_write(stream, asio::buffer(saying_), then([](ProxyConnect& self, Error error, std::size_t) {
      error ? self.refuse("writing: " + error.message()) : self.listen();
    }));
  });
}

void ProxyConnect::listen() {
  hearing_.resize(dialogue_->octets_wanted());
  if (hearing_.empty()) return hand_over();
  on_stream([this](auto& stream) {
    stream.async_read_some(asio::buffer(hearing_), then([](ProxyConnect& self, Error error, std::size_t size) {
      self.on_heard(error, size);
    }));
  });
}

void ProxyConnect::on_heard(Error error, std::size_t size) {
  if (error == asio::error::eof) return refuse("it hung up before its answer was complete");
  if (error) return refuse("reading: " + error.message());
  auto next = dialogue_->take(ByteView(hearing_).first(size));
  if (!next) return refuse(next.error().details);
  next->empty() ? listen() : say(std::move(*next));
}

void ProxyConnect::hand_over() {
  if (!tls_) return finish(Tunnel{std::move(*socket_), nullptr});
  auto [socket, tls] = tls_->release();
  finish(Tunnel{std::move(socket), std::move(tls)});
}

void ProxyConnect::refuse(const std::string& why) {
  finish(fail(ErrorCode::PROXY_ERROR, options_.proxy.address() + ": " + why));
}

void ProxyConnect::finish(Result<Tunnel> result) {
  const auto done = std::exchange(done_, nullptr);
  if (!done) return;
  close();
  done(std::move(result));
}

void ProxyConnect::close() {
  limit_.reset();
  if (connect_) connect_->cancel();
  connect_.reset();
  Error ignored;
  if (socket_) socket_->close(ignored);
  if (tls_) tls_->next_layer().close(ignored);
}

}  // namespace konekwa::wa::io
