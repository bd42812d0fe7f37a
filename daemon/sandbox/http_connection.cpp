#include "daemon/sandbox/http_connection.h"

#include <fstream>
#include <optional>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "daemon/sandbox/media_server.h"
#include "daemon/sandbox/socket_stream.h"
#include "daemon/sandbox/ws_transport.h"

namespace konekwa::sandbox {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kHttpHeaderBytesMax = 8u << 10;
constexpr std::size_t kHttpBodyBytesMax = 32u << 20;  // of the admin API
constexpr std::size_t kPieceBytes = 64u << 10;
constexpr Duration kHttpTimeout = seconds(60);        // for each step
constexpr std::string_view kWebsocketPath = "/ws/chat";

class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
  using ErrorOf = boost::beast::error_code;

 public:
  HttpConnection(Loop& loop, SocketStream stream, std::shared_ptr<Site> site)
      : loop_(loop), stream_(std::move(stream)), site_(std::move(site)) {}

  void start() {
    expire_later();
    stream_.handshake([self = shared_from_this()](ErrorOf failed, std::size_t) {
      if (!failed) self->read();
    });
  }

 private:
  void expire_later() {
    deadline_ = loop_.after(kHttpTimeout, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->stream_.close();
    });
  }

  void read() {
    expire_later();
    head_.emplace();
    head_->header_limit(kHttpHeaderBytesMax);
    head_->body_limit(kMediaFileBytesMax);
    http::async_read_header(stream_, buffer_, *head_, [self = shared_from_this()](ErrorOf failed, std::size_t) {
      self->on_header(failed);
    });
  }

  void on_header(ErrorOf failed) {
    if (failed == http::error::body_limit) return refuse_body();
    if (failed) return;
    const auto& head = head_->get();
    keep_alive_ = head.keep_alive();
    request_ = {text_of(head.method_string()), text_of(head.target()), text_of(head[http::field::range])};
    if (boost::beast::websocket::is_upgrade(head)) return upgrade();
    if (boost::beast::iequals(head[http::field::expect], "100-continue")) return go_on();
    read_body();
  }

  // Whoever asks first sends the body only after this.
  void go_on() {
    continue_.emplace(http::status::continue_, 11);
    http::async_write(stream_, *continue_, [self = shared_from_this()](ErrorOf failed, std::size_t) {
      if (!failed) self->read_body();
    });
  }

  void read_body() {
    if (Site::takes_file(request_)) {
      incoming_ = site_->new_file();
      upload_.emplace(std::move(*head_));
      return receive();
    }
    if (head_->content_length().value_or(0) > kHttpBodyBytesMax) return refuse_body();
    text_.emplace(std::move(*head_));
    text_->body_limit(kHttpBodyBytesMax);
    http::async_read(stream_, buffer_, *text_, [self = shared_from_this()](ErrorOf failed, std::size_t) {
      if (failed == http::error::body_limit) return self->refuse_body();
      if (!failed) self->answer(self->site_->answer(self->request_, self->text_->get().body()));
    });
  }

  void receive() {
    expire_later();
    piece_.resize(kPieceBytes);
    upload_->get().body().data = piece_.data();
    upload_->get().body().size = piece_.size();
    http::async_read(stream_, buffer_, *upload_, [self = shared_from_this()](ErrorOf failed, std::size_t) {
      self->on_received(failed);
    });
  }

  void on_received(ErrorOf failed) {
    if (failed == http::error::body_limit) return refuse_body();
    if (failed && failed != http::error::need_buffer) return incoming_.reset();
    incoming_->write(ByteView(piece_).first(piece_.size() - upload_->get().body().size));
    if (!upload_->is_done()) return receive();
    answer(site_->answer(request_, *incoming_));
    incoming_.reset();
  }

  void upgrade() {
    if (path_of_target(request_.target) != kWebsocketPath) {
      return answer({404, "text/plain", "there is nothing here\n"});
    }
    deadline_.reset();
    http::request_parser<http::string_body> parser(std::move(*head_));
    site_->sandbox().accept([&](wa::io::Transport::Handler& handler) -> std::unique_ptr<wa::io::Transport> {
      return make_ws_transport(std::move(stream_), parser.release(), handler);
    });
  }

  // What is left of the body is not read.
  void refuse_body() {
    keep_alive_ = false;
    answer({413, "text/plain", "too large\n"});
  }

  void answer(SiteAnswer answer) {
    if (answer.delay <= Duration::zero()) return write(std::move(answer));
    deadline_ = loop_.after(answer.delay, [self = shared_from_this(), answer] { self->write(answer); });
  }

  template <class Message>
  void write_head(Message& message, const SiteAnswer& answer) {
    message.version(11);
    message.result(static_cast<unsigned>(answer.status));
    message.set(http::field::content_type, answer.type);
    message.keep_alive(keep_alive_);
    expire_later();
  }

  void write(SiteAnswer answer) {
    if (!answer.file.empty()) return write_file(answer);
    response_ = {};
    write_head(response_, answer);
    if (answer.status == 416) response_.set(http::field::content_range, fmt::format("bytes */{}", answer.size));
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](ErrorOf failed, std::size_t) {
      if (!failed) self->next();
    });
  }

  void write_file(const SiteAnswer& answer) {
    outgoing_ = std::ifstream(answer.file, std::ios::binary);
    outgoing_.seekg(static_cast<std::streamoff>(answer.from));
    left_ = answer.length;
    file_response_ = {};
    write_head(file_response_, answer);
    file_response_.set(http::field::accept_ranges, "bytes");
    if (answer.status == 206) {
      const std::uint64_t last = answer.from + answer.length - 1;
      file_response_.set(http::field::content_range, fmt::format("bytes {}-{}/{}", answer.from, last, answer.size));
    }
    file_response_.content_length(answer.length);
    serializer_.emplace(file_response_);
    send();
  }

  void send() {
    expire_later();
    piece_.resize(kPieceBytes);
    outgoing_.read(reinterpret_cast<char*>(piece_.data()),
                   static_cast<std::streamsize>(std::min<std::uint64_t>(left_, kPieceBytes)));
    const auto count = static_cast<std::size_t>(outgoing_.gcount());
    if (count == 0 && left_ > 0) return;  // the file is shorter than it was: the connection breaks off
    left_ -= count;
    auto& body = file_response_.body();
    body.data = count > 0 ? piece_.data() : nullptr;
    body.size = count;
    body.more = left_ > 0;
    http::async_write(stream_, *serializer_, [self = shared_from_this()](ErrorOf failed, std::size_t) {
      if (failed == http::error::need_buffer) return self->send();
      if (!failed) self->next();
    });
  }

  void next() {
    if (!keep_alive_) return stream_.shut();
    piece_ = {};
    read();
  }

  static std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

  Loop& loop_;
  SocketStream stream_;
  std::shared_ptr<Site> site_;
  boost::beast::flat_buffer buffer_;
  SiteRequest request_;
  bool keep_alive_ = true;
  Timer deadline_;
  std::optional<http::request_parser<http::empty_body>> head_;
  std::optional<http::request_parser<http::string_body>> text_;
  std::optional<http::request_parser<http::buffer_body>> upload_;
  std::optional<http::response<http::empty_body>> continue_;
  std::unique_ptr<IncomingFile> incoming_;
  std::ifstream outgoing_;
  std::uint64_t left_ = 0;
  Bytes piece_;
  http::response<http::string_body> response_;
  http::response<http::buffer_body> file_response_;
  std::optional<http::response_serializer<http::buffer_body>> serializer_;
};

}  // namespace

void start_http_connection(Loop& loop, SocketStream stream, std::shared_ptr<Site> site) {
  std::make_shared<HttpConnection>(loop, std::move(stream), std::move(site))->start();
}

}  // namespace konekwa::sandbox
