#include "tests/unit/wa/io/fake_proxy.h"

#include "common/bytes.h"
#include "daemon/wa/io/tls_stream.h"
#include "tests/unit/wa/io/test_certificate.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace konekwa::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using wa::io::TlsStream;

tcp::socket& socket_of(tcp::socket& socket) { return socket; }
tcp::socket& socket_of(TlsStream& stream) { return stream.next_layer(); }

}  // namespace

struct FakeProxy::State : std::enable_shared_from_this<State> {
  State(wa::io::AsioLoop& loop, Options o)
      : options(std::move(o)), acceptor(loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    if (options.is_tls) certificate.emplace("127.0.0.1");
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      ++self->clients_accepted;
      self->serve(std::move(socket));
      self->accept();
    });
  }
  void serve(tcp::socket socket);

  const Options options;
  tcp::acceptor acceptor;
  std::optional<TestCertificate> certificate;
  std::vector<std::string> targets;
  int clients_accepted = 0;
};

namespace {

// One client. Each step reads a whole message and names the step after it; a client that breaks off ends there.
template <class Stream, class State>
struct Visit : std::enable_shared_from_this<Visit<Stream, State>> {
  template <class... Arguments>
  explicit Visit(std::shared_ptr<State> s, Arguments&&... arguments)
      : state(std::move(s)), stream(std::forward<Arguments>(arguments)...), target(stream.get_executor()) {}

  void start() {
    if (!state->options.script.empty()) return follow_script(0);
    state->options.is_socks ? greet() : read_request();
  }

  template <class F>
  auto then(F next) {
    return [self = this->shared_from_this(), next](error_code error, std::size_t = 0) {
      if (!error) next(*self);
    };
  }

  // Reads on until the message has `size` octets.
  template <class F>
  void want(std::size_t size, F next) {
    const std::size_t had = message.size();
    message.resize(size);
    asio::async_read(stream, asio::buffer(message.data() + had, size - had), then(next));
  }
  template <class F>
  void say(std::string text, F next) {
    saying = std::move(text);
    message.clear();
    asio::async_write(stream, asio::buffer(saying), then(next));
  }
  void refuse(std::string text) { say(std::move(text), [](Visit& v) { v.end(); }); }

  void end() {
    error_code ignored;
    socket_of(stream).shutdown(tcp::socket::shutdown_send, ignored);
  }

  void follow_script(std::size_t step) {
    const auto& script = state->options.script;
    if (step == script.size() && state->options.hangs_up) return end();
    message.resize(1024);
    stream.async_read_some(asio::buffer(message), then([step](Visit& v) {
      if (step == v.state->options.script.size()) return v.follow_script(step);
      v.say(v.state->options.script[step], [step](Visit& w) { w.follow_script(step + 1); });
    }));
  }

  void read_request() {
    asio::async_read_until(stream, asio::dynamic_buffer(message), "\r\n\r\n", then([](Visit& v) { v.judge(); }));
  }
  void judge() {
    const auto& options = state->options;
    state->targets.push_back("connect " + message.substr(8, message.find(' ', 8) - 8));
    const std::string wanted =
        "\r\nProxy-Authorization: Basic " + to_base64(as_bytes(options.user + ":" + options.password)) + "\r\n";
    if (!options.user.empty() && message.find(wanted) == std::string::npos) {
      return refuse("HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nWho?");
    }
    dial("HTTP/1.1 200 Connection established\r\nVia: 1.1 fake\r\n\r\n", "HTTP/1.0 502 Bad gateway\r\n\r\n");
  }

  void greet() {
    want(2, [](Visit& v) {
      v.want(2 + static_cast<std::size_t>(v.message[1]), [](Visit& w) { w.choose_method(); });
    });
  }
  void choose_method() {
    if (state->options.user.empty()) return say(std::string("\5\0", 2), [](Visit& v) { v.read_target(); });
    if (message.find('\2', 2) == std::string::npos) return refuse("\5\xff");
    say("\5\2", [](Visit& v) { v.read_login(); });
  }
  void read_login() {
    want(2, [](Visit& v) {
      v.want(3 + v.octet(1), [](Visit& w) {
        w.want(3 + w.octet(1) + w.octet(2 + w.octet(1)), [](Visit& x) { x.judge_login(); });
      });
    });
  }
  void judge_login() {
    const auto& options = state->options;
    const std::string user = message.substr(2, octet(1)), password = message.substr(3 + octet(1));
    if (user != options.user || password != options.password) return refuse("\1\1");
    say(std::string("\1\0", 2), [](Visit& v) { v.read_target(); });
  }
  void read_target() {
    want(5, [](Visit& v) {
      const std::size_t size = v.octet(3) == 3 ? 1 + v.octet(4) : v.octet(3) == 1 ? 4 : 16;
      v.want(4 + size + 2, [](Visit& w) { w.keep_target(); });
    });
  }
  void keep_target() {
    const std::size_t at = message.size() - 2;
    const std::string port = ":" + std::to_string(octet(at) << 8 | octet(at + 1));
    if (octet(3) == 3) state->targets.push_back("name " + message.substr(5, at - 5) + port);
    if (octet(3) == 1) {
      asio::ip::address_v4::bytes_type four;
      std::copy_n(message.begin() + 4, 4, four.begin());
      state->targets.push_back("ipv4 " + asio::ip::address_v4(four).to_string() + port);
    }
    if (octet(3) == 4) state->targets.push_back("ipv6");
    dial(std::string("\5\0\0\1\0\0\0\0\0\0", 10), "\5\5");
  }
  std::size_t octet(std::size_t at) const { return static_cast<std::uint8_t>(message[at]); }

  void dial(std::string accepted, std::string refused) {
    const tcp::endpoint to(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(state->options.target_port));
    target.async_connect(to, [self = this->shared_from_this(), accepted, refused](error_code error) {
      if (error) return self->refuse(refused);
      self->say(accepted + self->state->options.early, [](Visit& v) {
        v.pass_on(v.stream, v.target, v.upwards);
        v.pass_on(v.target, v.stream, v.downwards);
      });
    });
  }

  template <class From, class To>
  void pass_on(From& from, To& to, Bytes& buffer) {
    buffer.resize(16 * 1024);
    from.async_read_some(asio::buffer(buffer), [self = this->shared_from_this(), &from, &to, &buffer](
                                                   error_code error, std::size_t size) {
      if (error) return self->close();
      asio::async_write(to, asio::buffer(buffer.data(), size), [self, &from, &to, &buffer](error_code failed,
                                                                                          std::size_t) {
        failed ? self->close() : self->pass_on(from, to, buffer);
      });
    });
  }
  void close() {
    error_code ignored;
    socket_of(stream).close(ignored);
    target.close(ignored);
  }

  std::shared_ptr<State> state;
  Stream stream;
  tcp::socket target;
  std::string message, saying;
  Bytes upwards, downwards;
};

}  // namespace

void FakeProxy::State::serve(tcp::socket socket) {
  if (!options.is_tls) {
    return std::make_shared<Visit<tcp::socket, State>>(shared_from_this(), std::move(socket))->start();
  }
  const auto visit = std::make_shared<Visit<TlsStream, State>>(shared_from_this(), std::move(socket),
                                                               certificate->make_server_end());
  visit->stream.async_handshake(visit->then([](auto& v) { v.start(); }));
}

FakeProxy::FakeProxy(wa::io::AsioLoop& loop, Options options)
    : state_(std::make_shared<State>(loop, std::move(options))) {
  state_->accept();
}
FakeProxy::~FakeProxy() {
  error_code ignored;
  state_->acceptor.close(ignored);
}

std::string FakeProxy::url(const std::string& credentials) const {
  const std::string scheme = state_->options.is_socks ? "socks5" : state_->options.is_tls ? "https" : "http";
  return scheme + "://" + credentials + (credentials.empty() ? "" : "@") + "127.0.0.1:" +
         std::to_string(state_->acceptor.local_endpoint().port());
}
std::string FakeProxy::ca_file() const { return state_->certificate ? state_->certificate->file() : ""; }
const std::vector<std::string>& FakeProxy::targets() const { return state_->targets; }
int FakeProxy::clients_accepted() const { return state_->clients_accepted; }

}  // namespace konekwa::test
