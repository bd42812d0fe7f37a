#include "daemon/http/server.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "common/log.h"
#include "daemon/http/connection.h"
#include "daemon/http/listen.h"
#include "daemon/http/peer_credentials.h"
#include "daemon/http/roll_call.h"

namespace konekwa::http {
namespace {

namespace net = boost::asio;
using boost::system::error_code;

constexpr Duration kDeadlineTick = milliseconds(50);   // how late a deadline may be noticed
constexpr Duration kAcceptPause = milliseconds(10);   // when there are no file descriptors left
constexpr int kAcceptsAtOnce = 64;

Peer describe_peer(int socket, const sockaddr_storage& from, std::optional<gid_t> admins) {
  Peer peer;
  char text[INET6_ADDRSTRLEN] = {};
  if (from.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, text, sizeof(text));
  } else if (from.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, text, sizeof(text));
  } else {
    peer.is_unix_socket = true;
    const auto credentials = peer_credentials(socket);
    peer.is_admin = credentials && is_admin(*credentials, ::geteuid(), admins);
  }
  peer.address = text;
  return peer;
}

bool is_out_of_resources(int number) {
  return number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOBUFS;
}

}  // namespace

class HttpServer::Impl final : public ConnectionHost {
 public:
  Impl(ServerOptions o, Application& a, const Loop& c, Random& r)
      : options_(std::move(o)), application_(a), clock_(c), random_(r) {}

  Result<> listen();
  void start_threads();
  void stop(Duration limit);
  void roll_call(Task everyone);
  const std::string& tcp_address() const { return tcp_address_; }
  const std::string& socket_path() const { return socket_path_; }

  const ServerOptions& options() const override { return options_; }
  Application& application() override { return application_; }
  const Loop& clock() const override { return clock_; }
  Random& random() override { return random_; }
  net::io_context& io() override { return io_; }
  bool is_draining() const override { return is_draining_; }
  bool is_stopped() const override { return is_stopped_; }
  void note_authenticated() override { ++authenticated_; }
  void remove(const Connection& gone) override;
  void hand_over(Task task) override;

 private:
  using Listener = net::posix::stream_descriptor;
  void add_listener(int socket, int family);
  Result<> adopt_sockets();
  void accept_on(Listener& listener);
  void accept_what_waits(Listener& listener);
  void pause_accepting(Listener& listener);
  bool add(const std::shared_ptr<Connection>& connection);   // false: too many
  std::vector<std::shared_ptr<Connection>> open_connections();
  void close_connections(bool only_idle);
  void watch_deadlines();
  void run_handed_over();

  const ServerOptions options_;
  Application& application_;
  const Loop& clock_;
  Random& random_;
  std::atomic<bool> is_draining_{false};
  std::atomic<bool> is_stopped_{false};
  std::string tcp_address_;      // of the first, "" without one
  std::string socket_path_;
  bool owns_socket_file_ = false;
  std::optional<gid_t> admins_;

  std::mutex mutex_;                                                    // guards the next four
  std::condition_variable is_empty_;
  std::map<const Connection*, std::weak_ptr<Connection>> connections_;
  std::map<std::string, std::size_t> per_address_;
  bool is_watching_ = false;                                            // the deadlines; while there are connections
  std::atomic<std::size_t> authenticated_{0};

  net::io_context io_;   // its handlers hold connections, which use what stands above when they go
  net::steady_timer deadline_tick_{io_};
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::thread> threads_;

  std::mutex handed_over_mutex_;   // guards the next
  std::vector<Task> handed_over_;
};

Result<> HttpServer::Impl::listen() {
  if (auto adopted = adopt_sockets(); !adopted) return adopted;
  if (tcp_address_.empty() && !options_.listen.empty()) {
    const auto tcp = listen_tcp(options_.listen);
    if (!tcp) return fail(tcp.error());
    add_listener(*tcp, AF_INET);
  }
  if (socket_path_.empty() && !options_.socket_path.empty()) {
    const auto local = listen_unix(options_.socket_path);
    if (!local) return fail(local.error());
    add_listener(*local, AF_UNIX);
    owns_socket_file_ = true;
  }
  return {};
}

Result<> HttpServer::Impl::adopt_sockets() {
  for (const int socket : options_.adopted) {
    const auto family = adopt_listener(socket);
    if (!family) return fail(family.error());
    add_listener(socket, *family);
  }
  return {};
}

void HttpServer::Impl::add_listener(int socket, int family) {
  listeners_.push_back(std::make_unique<Listener>(net::make_strand(io_), socket));
  if (family == AF_UNIX) {
    admins_ = admin_group();
    if (socket_path_.empty()) socket_path_ = bound_path(socket);
  } else if (tcp_address_.empty()) {
    tcp_address_ = bound_address(socket);
  }
}

void HttpServer::Impl::start_threads() {
  for (auto& listener : listeners_) accept_on(*listener);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] {
      const auto guard = net::make_work_guard(io_);
      io_.run();
    });
  }
}

void HttpServer::Impl::accept_on(Listener& listener) {
  listener.async_wait(Listener::wait_read, [this, &listener](error_code ec) {
    if (!ec && !is_draining_) accept_what_waits(listener);
  });
}

void HttpServer::Impl::accept_what_waits(Listener& listener) {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    constexpr int kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;
    const int fd = ::accept4(listener.native_handle(), reinterpret_cast<sockaddr*>(&from), &size, kFlags);
    if (fd < 0 && is_out_of_resources(errno)) return pause_accepting(listener);
    if (fd < 0 && (errno == EAGAIN || errno == EBADF)) break;
    if (fd < 0) continue;   // this one client is gone already
    if (from.ss_family != AF_UNIX) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    const auto connection = make_connection(*this, fd, from.ss_family, describe_peer(fd, from, admins_));
    if (add(connection)) connection->start();
  }
  accept_on(listener);
}

void HttpServer::Impl::pause_accepting(Listener& listener) {
  log::warn("http", "no file descriptors left for more connections");
  auto timer = std::make_shared<net::steady_timer>(listener.get_executor(), kAcceptPause);
  timer->async_wait([this, &listener, timer](error_code) { accept_on(listener); });
}

bool HttpServer::Impl::add(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  const std::string& address = connection->peer().address;
  const bool is_local = address.empty() || connection->peer().is_loopback();
  const std::size_t waiting = connections_.size() - std::min<std::size_t>(authenticated_, connections_.size());
  if (connections_.size() >= options_.connections_max || waiting >= options_.unauthenticated_max) return false;
  if (!is_local && per_address_[address] >= options_.connections_per_address_max) return false;
  connections_.emplace(connection.get(), connection);
  if (!is_local) ++per_address_[address];
  if (!std::exchange(is_watching_, true)) watch_deadlines();
  return true;
}

void HttpServer::Impl::remove(const Connection& gone) {
  const std::lock_guard lock(mutex_);
  if (gone.is_authenticated()) --authenticated_;
  if (connections_.erase(&gone) == 0) return;
  const auto address = per_address_.find(gone.peer().address);
  if (address != per_address_.end() && --address->second == 0) per_address_.erase(address);
  if (connections_.empty()) is_empty_.notify_all();
}

// Destroyed outside the lock, which their destructor takes.
std::vector<std::shared_ptr<Connection>> HttpServer::Impl::open_connections() {
  std::vector<std::shared_ptr<Connection>> open;
  const std::lock_guard lock(mutex_);
  open.reserve(connections_.size());
  for (const auto& [key, weak] : connections_) {
    if (auto connection = weak.lock()) open.push_back(std::move(connection));
  }
  return open;
}

void HttpServer::Impl::close_connections(bool only_idle) {
  for (const auto& connection : open_connections()) connection->close(only_idle);
}

// One timer for all: a deadline changes several times in a request, and is almost never reached. By one thread at a
// time: whoever turns is_watching_ on, and then the timer.
void HttpServer::Impl::watch_deadlines() {
  deadline_tick_.expires_after(kDeadlineTick);
  deadline_tick_.async_wait([this](error_code ec) {
    if (ec) return;
    const auto open = open_connections();
    for (const auto& connection : open) connection->check_deadline();
    {
      const std::lock_guard lock(mutex_);
      is_watching_ = !connections_.empty();
      if (!is_watching_) return;
    }
    watch_deadlines();
  });
}

void HttpServer::Impl::hand_over(Task task) {
  {
    const std::lock_guard lock(handed_over_mutex_);
    handed_over_.push_back(std::move(task));
    if (handed_over_.size() > 1) return;   // whoever takes the first takes this one too
  }
  net::post(io_, [this] { run_handed_over(); });
}

void HttpServer::Impl::run_handed_over() {
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(handed_over_mutex_);
    tasks.swap(handed_over_);
  }
  for (const Task& task : tasks) task();
}

void HttpServer::Impl::stop(Duration limit) {
  if (is_stopped_) return;
  is_draining_ = true;
  for (auto& listener : listeners_) {
    net::post(listener->get_executor(), [&listener = *listener] {
      error_code ignored;
      listener.close(ignored);
    });
  }
  close_connections(true);
  {
    std::unique_lock lock(mutex_);
    is_empty_.wait_for(lock, limit, [this] { return connections_.empty(); });
  }
  is_stopped_ = true;
  io_.stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  handed_over_.clear();
  if (owns_socket_file_) ::unlink(socket_path_.c_str());
}

void HttpServer::Impl::roll_call(Task everyone) {
  const auto call = std::make_shared<RollCall>(options_.threads, std::move(everyone));
  for (int i = 0; i < options_.threads; ++i) net::post(io_, [call] { call->answer(); });
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(ServerOptions options_, Application& application,
                                                      const Loop& clock, Random& random) {
  auto server = std::unique_ptr<HttpServer>(new HttpServer);
  server->impl_ = std::make_unique<Impl>(std::move(options_), application, clock, random);
  if (auto listening = server->impl_->listen(); !listening) return fail(listening.error());
  server->impl_->start_threads();
  return server;
}

HttpServer::HttpServer() = default;

HttpServer::~HttpServer() { stop(Duration(0)); }

void HttpServer::stop(Duration limit) {
  if (impl_) impl_->stop(limit);
}

void HttpServer::roll_call(Task everyone) { impl_->roll_call(std::move(everyone)); }
std::string HttpServer::tcp_address() const { return impl_->tcp_address(); }
std::string HttpServer::socket_path() const { return impl_->socket_path(); }

}  // namespace konekwa::http
