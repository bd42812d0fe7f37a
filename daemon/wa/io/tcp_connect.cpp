#include "daemon/wa/io/tcp_connect.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace konekwa::wa::io {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// An address that does not answer (IPv6 that leads nowhere, mostly) must not use up the time of the others.
constexpr Duration kPatience = seconds(4);

}  // namespace

TcpConnect::TcpConnect(AsioLoop& loop, Done done)
    : loop_(loop), done_(std::move(done)), resolver_(loop.context()), socket_(loop.context()) {}

void TcpConnect::start(const std::string& host, const std::string& port) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) {
    endpoints_ = {tcp::endpoint(address, static_cast<std::uint16_t>(std::stoul(port)))};
    return asio::post(loop_.context(), [self = shared_from_this()] { self->try_next({}); });
  }
  resolver_.async_resolve(host, port, [self = shared_from_this()](error_code failed, const auto& found) {
    if (failed) return self->finish(std::nullopt, "looking up the host: " + failed.message());
    for (const auto& entry : found) self->endpoints_.push_back(entry.endpoint());
    std::reverse(self->endpoints_.begin(), self->endpoints_.end());
    self->try_next("the host has no address");
  });
}

void TcpConnect::cancel() {
  done_ = nullptr;
  patience_.reset();
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

void TcpConnect::try_next(const std::string& last_error) {
  if (!done_) return;
  if (endpoints_.empty()) return finish(std::nullopt, last_error);
  const auto endpoint = endpoints_.back();
  endpoints_.pop_back();
  error_code ignored;
  socket_.close(ignored);
  socket_.async_connect(endpoint, [self = shared_from_this()](error_code failed) {
    self->patience_.reset();
    if (failed) return self->try_next("connecting: " + failed.message());
    self->finish(std::move(self->socket_), {});
  });
  if (endpoints_.empty()) return;
  patience_ = loop_.after(kPatience, [self = weak_from_this()] {
    error_code closing;
    if (const auto alive = self.lock()) alive->socket_.close(closing);
  });
}

void TcpConnect::finish(std::optional<Socket> socket, const std::string& why) {
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(socket), why);
}

}  // namespace konekwa::wa::io
