#include "daemon/wa/io/connection.h"

#include "common/log.h"
#include "daemon/wa/frame.h"
#include "daemon/wa/handshake.h"
#include "daemon/wa/node_codec.h"

namespace konekwa::wa::io {
namespace {

constexpr std::size_t kHandshakeFrameBytesMax = 64 * 1024;
constexpr Duration kServerHandshakeTimeout = seconds(20);

// What both ends share: frames in and out, the transport's keys, and ending once.
//
// Callbacks into the handler may destroy this object, so nothing is touched after one but a copy of the alive token.
class NodeConnection : public Connection, public Transport::Handler {
 public:
  NodeConnection(Loop& loop, Connection::Handler& handler, FrameReader::Peer peer, Duration handshake_timeout)
      : loop_(loop), handler_(handler), reader_(peer, kHandshakeFrameBytesMax), last_received_at_(loop.now()) {
    handshake_timer_ = loop_.after(handshake_timeout, [this] {
      end(Error(ErrorCode::TIMEOUT, "the handshake took too long"));
    });
  }

  void own(std::unique_ptr<Transport> transport) { transport_ = std::move(transport); }

  void send(const Node& node) override { send_packed(pack_node(node)); }

  void send_packed(ByteView plaintext) override {
    KONEKWA_ASSERT(state_ != State::Handshaking);
    if (state_ != State::Ready) return;
    const auto sealed = sending_->seal({}, plaintext);
    if (!sealed) return end_later(sealed.error());
    transport_->send(frame(*sealed));
  }

  void close() override {
    if (state_ == State::Closing || state_ == State::Closed) return;
    state_ = State::Closing;
    handshake_timer_.reset();
    transport_->close();
  }

  void set_reading(bool enabled) override {
    if (state_ == State::Closed || is_reading_ == enabled) return;
    is_reading_ = enabled;
    transport_->set_reading(enabled);
    // Frames that came together with the one whose handler paused us wait in the reader.
    if (enabled) later([this] { read_frames(); });
  }

  Time last_received_at() const override { return last_received_at_; }

  void on_transport_message(Bytes message) override {
    last_received_at_ = loop_.now();
    reader_.append(message);
    read_frames();
  }

  void on_transport_closed(Error why) override { end(std::move(why)); }

 protected:
  // One frame of the handshake. An error ends the connection.
  virtual Result<> on_handshake_frame(Bytes frame) = 0;
  // May an encrypted frame that holds no readable node be skipped?
  virtual bool skips_unreadable_nodes() const = 0;

  Transport& transport() { return *transport_; }
  Loop& loop() { return loop_; }

  struct Directions {
    Key sending{}, receiving{};
  };
  // The last step of the handshake; the connection may be gone afterwards.
  void become_ready(const Directions& keys, const Key& peer_static_key, Bytes client_payload) {
    sending_.emplace(keys.sending);
    receiving_.emplace(keys.receiving);
    reader_.set_payload_max(kFrameBytesMax);
    handshake_timer_.reset();
    state_ = State::Ready;
    handler_.on_connection_ready(peer_static_key, std::move(client_payload));
  }

 private:
  enum class State : std::uint8_t { Handshaking, Ready, Closing, Closed };

  void read_frames() {
    const std::weak_ptr<char> alive = alive_;
    while (!alive.expired() && is_reading_ && (state_ == State::Handshaking || state_ == State::Ready)) {
      auto payload = reader_.next();
      if (!payload) return end(payload.error());
      if (!*payload) return;
      on_frame(**std::move(payload), alive);
    }
  }

  void on_frame(Bytes payload, const std::weak_ptr<char>& alive) {
    if (state_ == State::Handshaking) {
      const auto done = on_handshake_frame(std::move(payload));
      if (!done && !alive.expired()) end(done.error());
      return;
    }
    const auto plaintext = receiving_->open({}, payload);
    if (!plaintext) return end(plaintext.error());  // the counters are out of step: no later frame can be read
    auto node = unpack_node(*plaintext);
    if (node) return handler_.on_connection_node(std::move(*node));
    if (!skips_unreadable_nodes()) return end(node.error());
    log::warn("connection", "a stanza was skipped: {}", node.error().text());
  }

  void end(Error why) {
    if (state_ == State::Closed) return;
    state_ = State::Closed;
    handshake_timer_.reset();
    transport_.reset();
    handler_.on_connection_closed(std::move(why));
  }

  // For use inside a call of the owner, who must not be called back from within it.
  void end_later(Error why) {
    later([this, why = std::move(why)] { end(why); });
  }

  template <class F>
  void later(F task) {
    loop_.post([alive = std::weak_ptr<char>(alive_), task = std::move(task)] {
      if (!alive.expired()) task();
    });
  }

  Loop& loop_;
  Connection::Handler& handler_;
  std::unique_ptr<Transport> transport_;
  FrameReader reader_;
  std::optional<CipherState> sending_, receiving_;
  Time last_received_at_;
  Timer handshake_timer_;
  State state_ = State::Handshaking;
  bool is_reading_ = true;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

class ClientConnection final : public NodeConnection {
 public:
  ClientConnection(Loop& loop, Random& random, Connection::Handler& handler, Connection::ClientOptions options)
      : NodeConnection(loop, handler, FrameReader::Peer::Server, options.handshake_timeout),
        root_key_(options.endpoint.root_key),
        routing_info_(std::move(options.routing_info)),
        handshake_(std::make_unique<ClientHandshake>(options.noise_key, std::move(options.client_payload), random)) {}

  void on_transport_open() override {
    transport().send(concat({intro(std::exchange(routing_info_, {})), frame(handshake_->hello())}));
  }

 protected:
  Result<> on_handshake_frame(Bytes hello) override {
    const auto claim = handshake_->read_server_hello(hello);
    if (!claim) return fail(claim.error());
    const auto trusted = verify_certificate_chain(claim->certificate_chain, root_key_, claim->static_key, loop().now());
    if (!trusted) return fail(trusted.error());
    const auto finish = handshake_->finish();
    if (!finish) return fail(finish.error());
    transport().send(frame(finish->frame));
    handshake_.reset();
    become_ready({finish->keys.client_to_server, finish->keys.server_to_client}, claim->static_key, {});
    return {};
  }

  // Closing would not help: the server would send the same stanza again after the next login.
  bool skips_unreadable_nodes() const override { return true; }

 private:
  Key root_key_;
  Bytes routing_info_;
  std::unique_ptr<ClientHandshake> handshake_;
};

class ServerConnection final : public NodeConnection {
 public:
  ServerConnection(Loop& loop, Random& random, Connection::Handler& handler, const ServerIdentity& identity)
      : NodeConnection(loop, handler, FrameReader::Peer::Client, kServerHandshakeTimeout),
        handshake_(std::make_unique<ServerHandshake>(identity, random)) {}

  void on_transport_open() override {}

 protected:
  Result<> on_handshake_frame(Bytes message) override {
    if (!is_hello_answered_) {
      const auto answer = handshake_->answer_client_hello(message);
      if (!answer) return fail(answer.error());
      transport().send(frame(*answer));
      is_hello_answered_ = true;
      return {};
    }
    auto accepted = handshake_->read_client_finish(message);
    if (!accepted) return fail(accepted.error());
    handshake_.reset();
    become_ready({accepted->keys.server_to_client, accepted->keys.client_to_server}, accepted->client_static_key,
                 std::move(accepted->client_payload));
    return {};
  }

  bool skips_unreadable_nodes() const override { return false; }

 private:
  std::unique_ptr<ServerHandshake> handshake_;
  bool is_hello_answered_ = false;
};

}  // namespace

std::unique_ptr<Connection> Connection::connect(Loop& loop, Random& random, Connector& connector, ClientOptions options,
                                                Handler& handler) {
  const auto endpoint = options.endpoint;
  auto connection = std::make_unique<ClientConnection>(loop, random, handler, std::move(options));
  connection->own(connector.connect(endpoint, *connection));
  return connection;
}

std::unique_ptr<Connection> Connection::accept(Loop& loop, Random& random, const ServerIdentity& identity,
                                               const MakeTransport& make, Handler& handler) {
  auto connection = std::make_unique<ServerConnection>(loop, random, handler, identity);
  connection->own(make(*connection));
  return connection;
}

}  // namespace konekwa::wa::io
