#include "daemon/http/connection.h"

#include <atomic>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "daemon/http/answer_language.h"

namespace konekwa::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Strand = net::strand<net::io_context::executor_type>;
using Socket = net::basic_stream_socket<net::generic::stream_protocol, Strand>;
using Parser = beast::http::request_parser<beast::http::string_body>;
using PieceParser = beast::http::request_parser<beast::http::buffer_body>;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 4 * 1024;
constexpr std::size_t kBufferBytesMax = 64 * 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;   // of a body on its way to a sink
constexpr std::size_t kLingerBytesMax = 64 * 1024;
constexpr Duration kLingerDeadline = seconds(1);
constexpr Duration kCancelAgain = milliseconds(20);

std::string new_request_id(Random& random) { return to_hex(random.array<8>()); }

// A client's own id is taken when it cannot break a log line.
bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

// One client. Everything runs on its strand. Kept alive by the operation it waits for.
class StrandConnection final : public Connection, public std::enable_shared_from_this<StrandConnection> {
 public:
  StrandConnection(ConnectionHost& server, int fd, int family, Peer peer)
      : server_(server),
        socket_(net::make_strand(server_.io()), net::generic::stream_protocol(family, 0), fd),
        peer_(std::move(peer)),
        buffer_(kBufferBytesMax) {}

  ~StrandConnection() override { server_.remove(*this); }

  const Peer& peer() const override { return peer_; }
  bool is_authenticated() const override { return is_authenticated_; }

  void start() override {
    net::post(socket_.get_executor(), [self = shared_from_this()] { self->wait_for_request(); });
  }

  void close(bool only_if_idle) override {
    net::post(socket_.get_executor(), [self = shared_from_this(), only_if_idle] {
      if (only_if_idle && self->is_newcomer()) return self->set_deadline(self->server_.options().newcomer_deadline);
      const bool is_idle = self->phase_ == Phase::Idle || self->phase_ == Phase::Streaming;
      if (!only_if_idle || is_idle) self->close_now();
    });
  }

  void check_deadline() override {
    if (is_due()) net::post(socket_.get_executor(), [self = shared_from_this()] { self->on_deadline(); });
  }

 private:
  enum class Phase { Idle, Header, Body, Handling, Writing, Streaming, Lingering };

  // Answers when a handler forgets to, or is dropped by a part that stops.
  struct Pending {
    explicit Pending(std::shared_ptr<StrandConnection> c) : connection(std::move(c)) {}
    ~Pending() { answer(to_response(Error(ErrorCode::SHUTTING_DOWN))); }
    void answer(Response response) {
      if (is_answered.exchange(true) || connection->server_.is_stopped()) return;
      connection->answer(std::move(response));
    }
    std::shared_ptr<StrandConnection> connection;
    std::atomic<bool> is_answered{false};
  };

  void answer(Response response) {
    // Shared: what is handed over can be copied.
    auto kept = std::make_shared<Response>(std::move(response));
    Task write_it = [self = shared_from_this(), kept] {
      net::dispatch(self->socket_.get_executor(),
                    [self, kept] { self->write(std::move(*kept), self->header_.keeps_alive); });
    };
    if (server_.io().get_executor().running_in_this_thread()) return write_it();
    server_.hand_over(std::move(write_it));
  }

  void wait_for_request() {
    phase_ = Phase::Idle;
    header_ = {};
    request_id_.clear();
    if (server_.is_draining() && !is_newcomer()) return close_now();
    if (buffer_.size() > 0) return read_header(0);   // the client sent its next request already
    buffer_.shrink_to_fit();
    set_deadline(server_.is_draining() ? server_.options().newcomer_deadline : server_.options().idle_deadline);
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code ec) {
      if (!ec) self->read_header(0);
    });
  }

  // Taken from the queue of those who connect, and has not sent anything yet: it cannot know that we are about to go.
  bool is_newcomer() const { return phase_ == Phase::Idle && !has_asked_; }

  void read_header(std::size_t looked_at) {
    if (phase_ != Phase::Header) {
      phase_ = Phase::Header;
      set_deadline(server_.options().header_deadline);
    }
    const std::string_view text = received();
    const auto end = find_header_end(text, looked_at);
    if (!end) return refuse(end.error());
    if (*end > 0) return on_header(text.substr(0, *end));
    socket_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this(), seen = text.size()](error_code ec, std::size_t count) {
                              self->buffer_.commit(count);
                              if (ec || self->is_late_) return self->on_read_failed();
                              self->read_header(seen);
                            });
  }

  void on_header(std::string_view text) {
    auto header = http::read_header(text, peer_.is_unix_socket);
    if (!header) return refuse(header.error());
    header_ = std::move(*header);
    has_asked_ = true;
    auto target = parse_target(header_.target);
    if (!target) return refuse({400, ErrorCode::INVALID_REQUEST, "the target is not well percent-encoded"});
    const std::string* id = header_.find("x-request-id");
    request_id_ = id != nullptr && is_request_id(*id) ? *id : new_request_id(server_.random());
    Request request{header_, std::move(*target), {}, peer_, request_id_};
    auto admission = server_.application().admit(request);
    if (auto* refusal = std::get_if<Response>(&admission)) {
      if (!header_.has_body()) buffer_.consume(text.size());
      // A body that nobody reads would be taken for the next request.
      return write(std::move(*refusal), header_.keeps_alive && !header_.has_body());
    }
    auto& admitted = std::get<Application::Admitted>(admission);
    note_authenticated(admitted.is_authenticated);
    sink_ = std::move(admitted.sink);
    if (!header_.has_body()) {
      buffer_.consume(text.size());
      return run(std::move(admitted.run), std::move(request));
    }
    if (header_.content_length > body_bytes_max()) {
      return write(to_response(Error(ErrorCode::PAYLOAD_TOO_LARGE)), false);
    }
    run_ = std::move(admitted.run);
    request_ = std::move(request);
    const bool is_body_awaited = buffer_.size() == text.size();
    if (header_.expects_continue && is_body_awaited) return write_continue();
    read_body();
  }

  void write_continue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(socket_, net::buffer(kContinue.data(), kContinue.size()),
                     [self = shared_from_this()](error_code ec, std::size_t) {
                       if (!ec) self->read_body();
                     });
  }

  std::uint64_t body_bytes_max() const { return sink_ ? sink_->bytes_max() : server_.options().body_bytes_max; }

  // The header is still in the buffer, so that Beast's parser reads it too, and knows the framing.
  void read_body() {
    phase_ = Phase::Body;
    if (sink_) return begin_pieces();
    set_deadline(server_.options().body_deadline + seconds(header_.content_length / kPieceBytes));
    parser_ = std::make_unique<Parser>();
    parser_->header_limit(kHeaderBytesMax + 1);
    parser_->body_limit(server_.options().body_bytes_max);
    beast::http::async_read(socket_, buffer_, *parser_,
                            [self = shared_from_this()](error_code ec, std::size_t) { self->on_body(ec); });
  }

  void on_body_failed(error_code ec) {
    if (ec == beast::http::error::body_limit) {
      return write(to_response(Error(ErrorCode::PAYLOAD_TOO_LARGE)), false);
    }
    if (ec.category() == make_error_code(beast::http::error::bad_chunk).category() &&
        ec != beast::http::error::partial_message && ec != beast::http::error::end_of_stream) {
      return refuse({400, ErrorCode::INVALID_REQUEST, "the body is not framed as its header says"});
    }
    on_read_failed();
  }

  void on_body(error_code ec) {
    if (ec) return on_body_failed(ec);
    request_.body = std::move(parser_->get().body());
    parser_.reset();
    run(std::move(run_), std::move(request_));
  }

  void begin_pieces() {
    pieces_ = std::make_unique<PieceParser>();
    pieces_->header_limit(kHeaderBytesMax + 1);
    pieces_->body_limit(sink_->bytes_max());
    read_piece();
  }

  // A deadline for each piece, as nobody knows how long a file takes: a client may be slow, but not endlessly.
  void read_piece() {
    piece_.resize(kPieceBytes);
    pieces_->get().body() = {piece_.data(), piece_.size(), true};
    set_deadline(server_.options().body_deadline);
    beast::http::async_read(socket_, buffer_, *pieces_,
                            [self = shared_from_this()](error_code ec, std::size_t) { self->on_piece_read(ec); });
  }

  void on_piece_read(error_code ec) {
    if (ec == beast::http::error::need_buffer) ec = {};   // the piece is full
    if (ec) return on_body_failed(ec);
    piece_.resize(piece_.size() - pieces_->get().body().size);
    if (piece_.empty()) return on_piece_taken(true);
    clear_deadline();   // of the client: it is the sink's turn
    sink_->write(std::exchange(piece_, {}), [self = shared_from_this()](bool goes_on) {
      net::dispatch(self->socket_.get_executor(), [self, goes_on] { self->on_piece_taken(goes_on); });
    });
  }

  void on_piece_taken(bool goes_on) {
    const bool is_done = pieces_->is_done();
    if (goes_on && !is_done) return read_piece();
    pieces_.reset();
    // What was not read would be taken for the next request.
    if (!is_done) header_.keeps_alive = false;
    run(std::move(run_), std::move(request_));
  }

  void run(Application::Run application, Request request) {
    phase_ = Phase::Handling;
    clear_deadline();
    auto pending = std::make_shared<Pending>(shared_from_this());
    application(std::move(request), [pending](Response response) { pending->answer(std::move(response)); },
                [&server = server_](Duration delay, Task task) {
                  auto timer = std::make_shared<net::steady_timer>(server.io(), delay);
                  timer->async_wait([timer, task = std::move(task)](error_code ec) {
                    if (!ec) task();
                  });
                });
  }

  void refuse(const Refusal& why) {
    // The answer to a HEAD has no body, even where its header could not be read.
    if (header_.method.empty() && received().substr(0, 5) == "HEAD ") header_.method = "HEAD";
    write(to_response(Error(why.code, why.details), why.status), false);
  }

  void write(Response response, bool keeps_alive) {
    sink_.reset();
    const bool has_source = response.source && header_.method != "HEAD";
    if (has_source && !response.length) return stream(std::move(response));
    phase_ = Phase::Writing;
    set_deadline(server_.options().write_deadline);
    is_last_ = !keeps_alive || server_.is_draining();
    if (!request_id_.empty()) response.headers.emplace_back("X-Request-Id", request_id_);
    if (const auto* wanted = header_.find("accept-language")) answer_in(language_of_header(*wanted), response);
    // A client of HTTP/1.0 waits for the end of the connection unless it is told that there is none.
    if (!is_last_ && !header_.is_http_1_1) response.headers.emplace_back("Connection", "keep-alive");
    if (has_source) return write_from(std::move(response));
    output_ = serialize(response, server_.clock().now(), !is_last_, header_.method == "HEAD");
    net::async_write(socket_, net::buffer(output_), [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec) return self->close_now();
      self->output_ = {};
      self->is_last_ ? self->linger() : self->wait_for_request();
    });
  }

  // A body of a known length: the connection can go on after it.
  void write_from(Response response) {
    left_ = *response.length;
    source_ = std::move(response.source);
    write_part(serialize_head(response, server_.clock().now(), !is_last_));
  }

  void write_part(std::string octets) {
    output_ = std::move(octets);
    set_deadline(server_.options().write_deadline);
    net::async_write(socket_, net::buffer(output_), [self = shared_from_this()](error_code ec, std::size_t) {
      ec ? self->close_now() : self->next_part();
    });
  }

  void next_part() {
    output_ = {};
    if (!source_) return;   // closed meanwhile
    if (left_ == 0) {
      source_.reset();
      return is_last_ ? linger() : wait_for_request();
    }
    clear_deadline();
    source_->next([self = shared_from_this()](std::string part) {
      net::post(self->socket_.get_executor(), [self, part = std::move(part)] { self->on_part(part); });
    });
  }

  void on_part(std::string part) {
    // The client was promised more, and only the end of the connection tells it that this is not all.
    if (part.empty() || part.size() > left_) return close_now();
    left_ -= part.size();
    write_part(std::move(part));
  }

  // Piece by piece, each asked for when the one before is written. The read that waits for the client's end keeps this
  // connection alive.
  void stream(Response response) {
    if (server_.is_draining()) return close_now();
    phase_ = Phase::Streaming;
    source_ = std::move(response.source);
    if (!request_id_.empty()) response.headers.emplace_back("X-Request-Id", request_id_);
    write_piece(serialize_stream_head(response, server_.clock().now(), header_.is_http_1_1));
    buffer_.consume(buffer_.size());
    await_end(0);
  }

  void next_piece() {
    clear_deadline();
    output_ = {};
    if (!source_) return linger();
    source_->next([weak = weak_from_this()](std::string piece) {
      const auto self = weak.lock();
      if (!self) return;
      net::post(self->socket_.get_executor(), [self, piece = std::move(piece)] { self->on_piece(piece); });
    });
  }

  void on_piece(const std::string& piece) {
    if (!source_) return;   // closed meanwhile
    if (piece.empty()) source_.reset();
    write_piece(header_.is_http_1_1 ? chunk_of(piece) : piece);
  }

  void write_piece(std::string octets) {
    output_ = std::move(octets);
    set_deadline(server_.options().write_deadline);
    net::async_write(socket_, net::buffer(output_), [self = shared_from_this()](error_code ec, std::size_t) {
      ec ? self->close_now() : self->next_piece();
    });
  }

  // A client that has a stream has nothing more to say; what it says all the same is dropped, up to a limit.
  void await_end(std::size_t dropped) {
    socket_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this(), dropped](error_code ec, std::size_t count) {
                              if (self->phase_ != Phase::Streaming) return;
                              if (ec || dropped + count > kLingerBytesMax) return self->close_now();
                              self->await_end(dropped + count);
                            });
  }

  // Closing with octets unread would reset the connection, and the client might lose the answer.
  void linger() {
    phase_ = Phase::Lingering;
    error_code ignored;
    socket_.cancel(ignored);   // a stream's read
    socket_.shutdown(Socket::shutdown_send, ignored);
    buffer_.consume(buffer_.size());
    set_deadline(kLingerDeadline);
    drain(0);
  }

  void drain(std::size_t drained) {
    if (drained >= kLingerBytesMax) return close_now();
    socket_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this(), drained](error_code ec, std::size_t count) {
                              if (ec) return self->close_now();
                              self->drain(drained + count);
                            });
  }

  void on_read_failed() {
    if (!is_late_) return close_now();
    refuse({408, ErrorCode::INVALID_REQUEST, "the request did not arrive in time"});
  }

  void set_deadline(Duration after) {
    is_late_ = false;
    expire_after(after);
  }

  void expire_after(Duration after) { deadline_ = SteadyClock::now() + after; }
  void clear_deadline() { deadline_ = SteadyClock::time_point::max(); }
  bool is_due() const { return deadline_.load() <= SteadyClock::now(); }

  void on_deadline() {
    if (!is_due()) return;   // set anew meanwhile
    is_late_ = phase_ == Phase::Header || phase_ == Phase::Body;
    if (!is_late_) return close_now();
    error_code ignored;
    socket_.cancel(ignored);
    // A read that was complete already is not cancelled, and Beast goes on to the next one.
    expire_after(kCancelAgain);
  }

  void close_now() {
    clear_deadline();
    source_.reset();
    error_code ignored;
    socket_.close(ignored);
  }

  std::string_view received() const { return {static_cast<const char*>(buffer_.data().data()), buffer_.size()}; }

  void note_authenticated(bool is) {
    if (!is || is_authenticated_) return;
    is_authenticated_ = true;
    server_.note_authenticated();
  }

  ConnectionHost& server_;
  Socket socket_;
  std::atomic<SteadyClock::time_point> deadline_ = SteadyClock::time_point::max();
  const Peer peer_;
  beast::flat_buffer buffer_;
  Phase phase_ = Phase::Idle;
  bool has_asked_ = false;
  bool is_late_ = false;            // the deadline has passed, and the read was cancelled for it
  bool is_last_ = false;
  bool is_authenticated_ = false;
  Header header_;
  std::string request_id_;
  Request request_;                 // while its body is read
  Application::Run run_;
  std::unique_ptr<Parser> parser_;
  std::shared_ptr<BodySink> sink_;       // of a request whose body is a stream, until it is answered
  std::unique_ptr<PieceParser> pieces_;
  std::string piece_;
  std::string output_;
  std::shared_ptr<BodySource> source_;   // while something is streamed
  std::uint64_t left_ = 0;               // to come from it, where the length is known
};

}  // namespace

std::shared_ptr<Connection> make_connection(ConnectionHost& host, int socket, int family, Peer peer) {
  return std::make_shared<StrandConnection>(host, socket, family, std::move(peer));
}

}  // namespace konekwa::http
