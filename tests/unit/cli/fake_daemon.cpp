#include "tests/unit/cli/fake_daemon.h"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <httplib.h>
#include <unistd.h>

namespace konekwa::cli {

class FakeDaemon::Impl {
 public:
  Impl(Handler handler, Road road) : handler_(std::move(handler)) {
    const auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
    };
    server_.Get(".*", serve);
    server_.Post(".*", serve);
    server_.Put(".*", serve);
    server_.Patch(".*", serve);
    server_.Delete(".*", serve);
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_timeout(1);
    if (road == Road::Unix) {
      static std::atomic<int> count = 0;
      path_ = fmt::format("/tmp/konekwa-test-{}-{}.sock", ::getpid(), ++count);
      ::unlink(path_.c_str());
      server_.set_address_family(AF_UNIX);
      server_.bind_to_port(path_.c_str(), 80);
      url_ = "unix://" + path_;
    } else {
      url_ = fmt::format("http://127.0.0.1:{}", server_.bind_to_any_port("127.0.0.1"));
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

  ~Impl() {
    server_.stop();
    thread_.join();
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return peers_.size();
  }
  const std::string& url() const { return url_; }

 private:
  void answer(const httplib::Request& request, httplib::Response& response) {
    Asked asked{request.method, request.target, request.body, {request.headers.begin(), request.headers.end()}};
    const Answered answered = handler_(asked);
    response.status = answered.status;
    response.set_content(answered.body, answered.content_type);
    for (const auto& [name, value] : answered.headers) response.set_header(name.c_str(), value);
    const std::lock_guard lock(mutex_);
    peers_.insert(request.remote_port);
    asked_.push_back(std::move(asked));
  }

  Handler handler_;
  httplib::Server server_;
  std::string path_, url_;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::set<int> peers_;
  std::thread thread_;
};

std::string Asked::header(const std::string& name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

FakeDaemon::FakeDaemon(Handler handler, Road road) : impl_(std::make_unique<Impl>(std::move(handler), road)) {}
FakeDaemon::~FakeDaemon() = default;
std::string FakeDaemon::url() const { return impl_->url(); }
std::vector<Asked> FakeDaemon::asked() const { return impl_->asked(); }
std::size_t FakeDaemon::connections() const { return impl_->connections(); }

}  // namespace konekwa::cli
