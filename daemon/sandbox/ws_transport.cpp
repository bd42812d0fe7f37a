#include "daemon/sandbox/ws_transport.h"

#include <deque>

#include <boost/beast/websocket.hpp>

#include "daemon/sandbox/socket_stream.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kWebsocketMessageMax = 1u << 24;
constexpr auto kWebsocketHandshakeTimeout = std::chrono::seconds(10);  // of opening and of closing
constexpr auto kWebsocketIdleTimeout = std::chrono::minutes(5);

// The stream outlives the transport until its last operation has ended, so it is shared with them.
class WsChannel : public std::enable_shared_from_this<WsChannel> {
 public:
  WsChannel(SocketStream stream, wa::io::Transport::Handler& handler) : ws_(std::move(stream)), handler_(&handler) {}

  void accept(UpgradeRequest request) {
    namespace websocket = boost::beast::websocket;
    ws_.set_option(websocket::stream_base::timeout{kWebsocketHandshakeTimeout, kWebsocketIdleTimeout, true});
    ws_.read_message_max(kWebsocketMessageMax);
    ws_.binary(true);
    request_ = std::move(request);
    ws_.async_accept(request_, [self = shared_from_this()](boost::beast::error_code failed) {
      if (failed) return self->ended(failed);
      self->is_open_ = true;
      if (self->handler_) self->handler_->on_transport_open();
      self->read();
      self->write();
    });
  }

  void send(Bytes message) {
    out_.push_back(std::move(message));
    write();
  }

  void close() {
    is_closing_ = true;
    write();
  }

  void set_reading(bool enabled) {
    is_reading_wanted_ = enabled;
    read();
  }

  void abandon() {
    handler_ = nullptr;
    ws_.next_layer().close();
  }

 private:
  void read() {
    if (!is_open_ || !is_reading_wanted_ || is_reading_ || !handler_) return;
    is_reading_ = true;
    ws_.async_read(in_, [self = shared_from_this()](boost::beast::error_code failed, std::size_t) {
      self->is_reading_ = false;
      if (failed) return self->ended(failed);
      const auto data = self->in_.cdata();
      const auto* begin = static_cast<const std::uint8_t*>(data.data());
      Bytes message(begin, begin + data.size());
      self->in_.consume(self->in_.size());
      if (self->handler_ && self->ws_.got_binary()) self->handler_->on_transport_message(std::move(message));
      self->read();
    });
  }

  void write() {
    if (!is_open_ || is_writing_ || !handler_) return;
    if (out_.empty()) {
      if (is_closing_) say_goodbye();
      return;
    }
    is_writing_ = true;
    ws_.async_write(boost::asio::buffer(out_.front()),
                    [self = shared_from_this()](boost::beast::error_code failed, std::size_t) {
                      self->is_writing_ = false;
                      if (failed) return self->ended(failed);
                      self->out_.pop_front();
                      self->write();
                    });
  }

  void say_goodbye() {
    is_writing_ = true;
    ws_.async_close(boost::beast::websocket::close_code::normal,
                    [self = shared_from_this()](boost::beast::error_code failed) { self->ended(failed); });
  }

  void ended(boost::beast::error_code why) {
    ws_.next_layer().close();
    if (!handler_) return;
    wa::io::Transport::Handler* handler = std::exchange(handler_, nullptr);
    handler->on_transport_closed(Error(ErrorCode::NETWORK, why ? why.message() : "closed"));
  }

  boost::beast::websocket::stream<SocketStream, false> ws_;
  wa::io::Transport::Handler* handler_;          // null when nobody listens any more
  UpgradeRequest request_;
  boost::beast::flat_buffer in_;
  std::deque<Bytes> out_;
  bool is_open_ = false;
  bool is_reading_ = false;
  bool is_reading_wanted_ = true;
  bool is_writing_ = false;
  bool is_closing_ = false;
};

class WsTransport final : public wa::io::Transport {
 public:
  explicit WsTransport(std::shared_ptr<WsChannel> channel) : channel_(std::move(channel)) {}
  ~WsTransport() override { channel_->abandon(); }

  void send(Bytes message) override { channel_->send(std::move(message)); }
  void close() override { channel_->close(); }
  void set_reading(bool enabled) override { channel_->set_reading(enabled); }

 private:
  std::shared_ptr<WsChannel> channel_;
};

}  // namespace

std::unique_ptr<wa::io::Transport> make_ws_transport(SocketStream stream, UpgradeRequest request,
                                                     wa::io::Transport::Handler& handler) {
  auto channel = std::make_shared<WsChannel>(std::move(stream), handler);
  channel->accept(std::move(request));
  return std::make_unique<WsTransport>(std::move(channel));
}

}  // namespace konekwa::sandbox
