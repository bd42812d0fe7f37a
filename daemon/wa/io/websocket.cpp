#include "daemon/wa/io/websocket.h"

#include "daemon/wa/io/proxy_connect.h"
#include "daemon/wa/io/tcp_connect.h"
#include "daemon/wa/io/tls_client.h"
#include "daemon/wa/io/websocket_url.h"

#include <boost/asio/io_context.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>

namespace konekwa::wa::io {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMessageBytesMax = 16u << 20;
constexpr std::size_t kQueueBytesMax = 32u << 20;
// Messages are masked in pieces of this size. Most fit into one, and every connection keeps the buffer.
constexpr std::size_t kWriteBufferBytes = 1024;
constexpr Duration kCloseTimeout = seconds(5);
constexpr char kOrigin[] = "https://web.whatsapp.com";

// A connection, shared by its transport and the operations under way. The transport may go at any moment; then there
// is no handler any more, and every operation that comes back ends there.
template <class Stream>
class Channel : public std::enable_shared_from_this<Channel<Stream>> {
 public:
  // `ssl` is of the target; null for ws://.
  Channel(AsioLoop& loop, WebSocketUrl url, Ssl ssl, Transport::Handler& handler)
      : loop_(loop), url_(std::move(url)), ssl_(std::move(ssl)), handler_(&handler) {}

  void start() {
    connect_ = std::make_shared<TcpConnect>(
        loop_, [weak = this->weak_from_this()](std::optional<tcp::socket> socket, const std::string& why) {
          if (const auto self = weak.lock()) self->on_connected(std::move(socket), why);
        });
    connect_->start(url_.host, url_.port);
  }

  void start_through(ProxyConnect::Options proxy) {
    proxy_ = std::make_shared<ProxyConnect>(
        loop_, std::move(proxy), [weak = this->weak_from_this()](Result<Tunnel> tunnel) {
          if (const auto self = weak.lock()) self->on_tunnel(std::move(tunnel));
        });
    proxy_->start(url_.host, url_.port);
  }

  void send(Bytes message) {
    if (is_over() || is_closing_) return;
    queued_bytes_ += message.size();
    queue_.push_back(std::move(message));
    if (queued_bytes_ > kQueueBytesMax) return end_later("the peer does not read");
    write();
  }

  void close() {
    if (is_over() || is_closing_) return;
    is_closing_ = true;
    if (!is_open_) return end_later("closed");
    close_timer_ = loop_.after(kCloseTimeout, [weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->end("the peer does not answer the close");
    });
    write();
  }

  void set_reading(bool enabled) {
    if (is_reading_ == enabled) return;
    is_reading_ = enabled;
    if (enabled) later([](Channel& channel) { channel.read(); });
  }

  void abandon() {
    handler_ = nullptr;
    shut();
  }

  void end_later(std::string why) {
    later([why = std::move(why)](Channel& channel) { channel.end(why); });
  }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;
  using DynamicBytes = asio::dynamic_vector_buffer<std::uint8_t, std::allocator<std::uint8_t>>;

  bool is_over() const { return handler_ == nullptr; }

  // A completion handler that ends here when nobody listens any more.
  template <class F>
  auto then(F next) {
    return [self = this->shared_from_this(), next](error_code error, std::size_t = 0) {
      if (!self->is_over()) next(*self, error);
    };
  }
  template <class F>
  void later(F next) {
    asio::post(loop_.context(), [self = this->shared_from_this(), next = std::move(next)] {
      if (!self->is_over()) next(*self);
    });
  }

  void on_connected(std::optional<tcp::socket> socket, const std::string& why) {
    if (is_over()) return;
    connect_.reset();
    if (!socket) return end(url_.host + ": " + why);
    use({std::move(*socket), nullptr});
  }

  void on_tunnel(Result<Tunnel> tunnel) {
    if (is_over()) return;
    proxy_.reset();
    if (!tunnel) return end(tunnel.error());
    use(std::move(*tunnel));
  }

  // Whatever leads to the target.
  void use(Tunnel tunnel) {
    error_code ignored;
    tunnel.socket.set_option(tcp::no_delay(true), ignored);
    if constexpr (kIsTls) {
      if (!ssl_) {
        ws_.emplace(std::move(tunnel.socket), std::move(tunnel.tls));
        return upgrade();
      }
      ws_.emplace(std::move(tunnel.socket), std::move(ssl_), std::move(tunnel.tls));
      ws_->next_layer().async_handshake(then([](Channel& channel, error_code error) {
        if (!error) return channel.upgrade();
        channel.end(tls_handshake_error(channel.ws_->next_layer().ssl(), channel.url_.host, error));
      }));
    } else {
      ws_.emplace(std::move(tunnel.socket));
      upgrade();
    }
  }

  // WhatsApp keeps connections alive by stanzas, and their owner times them; Beast is to do neither.
  void upgrade() {
    using Base = websocket::stream_base;
    ws_->set_option(Base::timeout{Base::none(), Base::none(), false});
    ws_->set_option(Base::decorator([](websocket::request_type& r) { r.set(http::field::origin, kOrigin); }));
    ws_->read_message_max(kMessageBytesMax);
    ws_->write_buffer_bytes(kWriteBufferBytes);
    ws_->auto_fragment(false);
    ws_->binary(true);
    response_ = std::make_unique<websocket::response_type>();
    ws_->async_handshake(*response_, url_.authority(), url_.target,
                         then([](Channel& channel, error_code error) { channel.on_upgraded(error); }));
  }

  void on_upgraded(error_code error) {
    const auto response = std::move(response_);
    if (error == websocket::error::upgrade_declined) {
      return end(url_.host + " answered the upgrade with HTTP " + std::to_string(response->result_int()));
    }
    if (error) return end(url_.host + ": the WebSocket handshake: " + error.message());
    is_open_ = true;
    if (is_closing_) return;
    handler_->on_transport_open();
    if (is_over()) return;
    write();
    read();
  }

  // Delivers what was held back, then reads on: one message at a time, and none while the owner does not want any.
  void read() {
    if (!is_open_ || !is_reading_) return;
    if (held_) {
      deliver(*std::exchange(held_, std::nullopt));
      if (is_over() || !is_reading_) return;
    }
    if (is_read_under_way_) return;
    is_read_under_way_ = true;
    incoming_.emplace(message_);
    ws_->async_read(*incoming_, then([](Channel& channel, error_code error) { channel.on_read(error); }));
  }

  void on_read(error_code error) {
    is_read_under_way_ = false;
    if (error == websocket::error::closed) return end(closed_text());
    if (error) return end(is_closing_ ? "closed" : "reading: " + error.message());
    auto message = std::exchange(message_, {});
    const bool is_text = !ws_->got_binary();
    if (!is_text && !is_reading_) held_ = std::move(message);
    if (!is_text && is_reading_) deliver(std::move(message));
    if (!is_over()) read();
  }

  void deliver(Bytes message) {
    if (!is_closing_) handler_->on_transport_message(std::move(message));
  }

  std::string closed_text() const {
    if (is_closing_) return "closed";
    return "the peer closed the connection with " + std::to_string(ws_->reason().code);
  }

  // One write at a time; the close frame goes after the last.
  void write() {
    if (!is_open_ || is_write_under_way_) return;
    if (!queue_.empty()) {
      is_write_under_way_ = true;
      ws_->async_write(asio::buffer(queue_.front()),
                       then([](Channel& channel, error_code error) { channel.on_written(error); }));
      return;
    }
    if (!is_closing_) return;
    is_write_under_way_ = true;
    ws_->async_close(websocket::close_code::normal,
                     then([](Channel& channel, error_code) { channel.end("closed"); }));
  }

  void on_written(error_code error) {
    is_write_under_way_ = false;
    if (error) return end("writing: " + error.message());
    queued_bytes_ -= queue_.front().size();
    queue_.pop_front();
    write();
  }

  void end(const std::string& why) { end(konekwa::Error(ErrorCode::NETWORK, why)); }
  void end(konekwa::Error why) {
    if (is_over()) return;
    auto* handler = std::exchange(handler_, nullptr);
    shut();
    handler->on_transport_closed(std::move(why));
  }

  // Everything under way comes back with an error.
  void shut() {
    close_timer_.reset();
    if (connect_) connect_->cancel();
    connect_.reset();
    if (proxy_) proxy_->cancel();
    proxy_.reset();
    error_code ignored;
    if (ws_) boost::beast::get_lowest_layer(*ws_).close(ignored);
  }

  AsioLoop& loop_;
  const WebSocketUrl url_;
  Ssl ssl_;                                 // until the socket is connected
  Transport::Handler* handler_;             // null: it is over
  std::shared_ptr<TcpConnect> connect_;     // until the socket is connected; shared with its own operations
  std::shared_ptr<ProxyConnect> proxy_;     // the same, through a proxy
  std::optional<websocket::stream<Stream, false>> ws_;
  std::unique_ptr<websocket::response_type> response_;
  bool is_open_ = false;
  bool is_closing_ = false;
  bool is_reading_ = true;
  bool is_read_under_way_ = false;
  bool is_write_under_way_ = false;
  Bytes message_;                           // what is being read
  std::optional<DynamicBytes> incoming_;    // the view of it that Beast writes to
  std::optional<Bytes> held_;               // read, while the owner did not want any
  std::deque<Bytes> queue_;
  std::size_t queued_bytes_ = 0;
  Timer close_timer_;
};

template <class Stream>
class WebSocket final : public Transport {
 public:
  explicit WebSocket(std::shared_ptr<Channel<Stream>> channel) : channel_(std::move(channel)) {}
  ~WebSocket() override { channel_->abandon(); }
  void send(Bytes message) override { channel_->send(std::move(message)); }
  void close() override { channel_->close(); }
  void set_reading(bool enabled) override { channel_->set_reading(enabled); }

 private:
  std::shared_ptr<Channel<Stream>> channel_;
};

// A transport that never was: its handler hears why.
class Refused final : public Transport {
 public:
  Refused(AsioLoop& loop, Handler& handler, konekwa::Error why) {
    loop.post([alive = std::weak_ptr<char>(alive_), &handler, why = std::move(why)] {
      if (!alive.expired()) handler.on_transport_closed(why);
    });
  }
  void send(Bytes) override {}
  void close() override {}
  void set_reading(bool) override {}

 private:
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

class WebSocketConnector final : public Connector {
 public:
  WebSocketConnector(AsioLoop& loop, Duration proxy_timeout) : loop_(loop), proxy_timeout_(proxy_timeout) {}

  std::unique_ptr<Transport> connect(const Endpoint& endpoint, Transport::Handler& handler) override {
    const auto refuse = [&](const konekwa::Error& why) { return std::make_unique<Refused>(loop_, handler, why); };
    auto url = parse_websocket_url(endpoint.url);
    if (!url) return refuse(url.error());
    std::optional<ProxyConnect::Options> proxy;
    if (!endpoint.proxy_url.empty()) {
      auto options = options_of_proxy(endpoint);
      if (!options) return refuse(konekwa::Error(ErrorCode::PROXY_ERROR, options.error().text()));
      proxy = std::move(*options);
    }
    Ssl ssl;
    if (url->is_tls) {
      auto made = tls_.make(url->host, endpoint.ca_file);
      if (!made) return refuse(made.error());
      ssl = std::move(*made);
    }
    const bool is_tls = ssl || (proxy && proxy->tls);
    if (is_tls) return open<TlsStream>(std::move(*url), std::move(ssl), std::move(proxy), handler);
    return open<tcp::socket>(std::move(*url), nullptr, std::move(proxy), handler);
  }

 private:
  Result<ProxyConnect::Options> options_of_proxy(const Endpoint& endpoint) {
    const auto proxy = parse_proxy_url(endpoint.proxy_url);
    if (!proxy) return fail(proxy.error());
    ProxyConnect::Options options{*proxy, nullptr, proxy_timeout_};
    if (proxy->kind != ProxyUrl::Kind::Https) return options;
    auto tls = tls_.make(proxy->host, endpoint.ca_file);
    if (!tls) return fail(tls.error());
    options.tls = std::move(*tls);
    return options;
  }

  template <class Stream>
  std::unique_ptr<Transport> open(WebSocketUrl url, Ssl ssl, std::optional<ProxyConnect::Options> proxy,
                                  Transport::Handler& handler) {
    auto channel = std::make_shared<Channel<Stream>>(loop_, std::move(url), std::move(ssl), handler);
    if (proxy) {
      channel->start_through(std::move(*proxy));
    } else {
      channel->start();
    }
    return std::make_unique<WebSocket<Stream>>(std::move(channel));
  }

  AsioLoop& loop_;
  const Duration proxy_timeout_;
  TlsClient tls_;
};

}  // namespace

std::unique_ptr<Connector> make_websocket_connector(AsioLoop& loop, Duration proxy_timeout) {
  return std::make_unique<WebSocketConnector>(loop, proxy_timeout);
}

}  // namespace konekwa::wa::io
