#include "daemon/wa/io/asio_loop.h"

#include "common/error.h"
#include "common/timer_queue.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <thread>

namespace konekwa::wa::io {

namespace asio = boost::asio;

// All timers share one of Asio's, armed for the earliest of them.
class AsioLoop::Impl {
 public:
  asio::io_context context{1};  // one thread runs it

  void run() {
    thread_ = std::this_thread::get_id();
    const auto keep_running = asio::make_work_guard(context);
    context.run();
    thread_ = std::thread::id();
  }

  bool is_current() const { return thread_.load() == std::this_thread::get_id(); }

  // On the loop's thread, or before it runs.
  Timer after(Duration delay, Task task) {
    KONEKWA_ASSERT(is_current() || thread_.load() == std::thread::id());
    auto timer = timers_.add(since_start() + std::max(delay, Duration::zero()), std::move(task));
    arm();
    return timer;
  }

 private:
  using Steady = std::chrono::steady_clock;

  // Rounded up, so that no timer fires early.
  Duration since_start() const { return std::chrono::ceil<Duration>(Steady::now() - start_); }

  void arm() {
    const auto next = timers_.next();
    if (!next || (armed_for_ && *armed_for_ <= *next)) return;
    armed_for_ = next;
    wakeup_.expires_at(start_ + *next);
    wakeup_.async_wait([this](const boost::system::error_code& error) {
      if (!error) fire();
    });
  }

  // Only what is due by now: a task that sets a timer of no delay does not keep the sockets waiting.
  void fire() {
    armed_for_.reset();
    const auto now = std::chrono::floor<Duration>(Steady::now() - start_);
    while (const auto task = timers_.take_due(now)) (*task)();
    arm();
  }

  const Steady::time_point start_ = Steady::now();
  std::atomic<std::thread::id> thread_{};
  TimerQueue timers_;
  std::optional<Duration> armed_for_;
  asio::steady_timer wakeup_{context};
};

AsioLoop::AsioLoop() : impl_(std::make_unique<Impl>()) {}
AsioLoop::~AsioLoop() = default;

void AsioLoop::run() { impl_->run(); }
void AsioLoop::stop() { impl_->context.stop(); }

Time AsioLoop::now() const { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }
void AsioLoop::post(Task task) { asio::post(impl_->context, std::move(task)); }
Timer AsioLoop::after(Duration delay, Task task) { return impl_->after(delay, std::move(task)); }
bool AsioLoop::is_current() const { return impl_->is_current(); }
boost::asio::io_context& AsioLoop::context() { return impl_->context; }

}  // namespace konekwa::wa::io
