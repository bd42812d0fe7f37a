#include "daemon/http/event_source.h"

#include <atomic>
#include <mutex>

#include <fmt/format.h>

namespace konekwa::http {
namespace {

constexpr const char* kComment = ": keep-alive\n\n";

// Whoever wakes it holds it weakly: it goes with the connection that reads it.
class EventSource final : public BodySource, public std::enable_shared_from_this<EventSource> {
 public:
  EventSource(Later later, Produce produce) : later_(std::move(later)), produce_(std::move(produce)) {}

  void watch(const WatchEvents& watch) {
    watch_ = watch([weak = weak_from_this(), later = later_, is_woken = is_woken_] {
      if (!is_woken->exchange(true)) look_later(weak, later);
    });
  }

  void next(Deliver deliver) override {
    {
      const std::lock_guard lock(mutex_);
      deliver_ = std::move(deliver);
      ++asked_;
      later_(kKeepAliveInterval, [weak = weak_from_this(), asked = asked_] {
        if (const auto self = weak.lock()) self->keep_alive(asked);
      });
    }
    look();
  }

 private:
  static void look_later(const std::weak_ptr<EventSource>& weak, const Later& later) {
    later(Duration(0), [weak] {
      if (const auto self = weak.lock()) self->look();
    });
  }

  void look() {
    const std::lock_guard lock(mutex_);
    *is_woken_ = false;   // before the look: what is told from here on is looked at again
    if (!deliver_) return;
    if (is_over_) return give({});
    Produced produced = produce_();
    is_over_ = produced.is_over;
    if (!produced.text.empty()) return give(std::move(produced.text));
    if (is_over_) return give({});
    if (produced.is_more) look_later(weak_from_this(), later_);
  }

  void keep_alive(std::uint64_t asked) {
    look();   // also asks whether the client may still listen
    const std::lock_guard lock(mutex_);
    if (deliver_ && asked == asked_) give(kComment);
  }

  void give(std::string piece) {
    const Deliver deliver = std::exchange(deliver_, nullptr);
    deliver(std::move(piece));
  }

  const Later later_;
  const Produce produce_;
  const std::shared_ptr<std::atomic<bool>> is_woken_ = std::make_shared<std::atomic<bool>>(false);
  std::mutex mutex_;          // the server, timers and the watch come on several threads
  Deliver deliver_;           // null: the server has not asked
  std::uint64_t asked_ = 0;
  bool is_over_ = false;
  std::shared_ptr<void> watch_;
};

}  // namespace

std::string sse_event(std::string_view id, std::string_view event, std::string_view data) {
  const std::string id_line = id.empty() ? std::string() : fmt::format("id: {}\n", id);
  return fmt::format("{}event: {}\ndata: {}\n\n", id_line, event, data);
}

Response event_stream(const Later& later, const WatchEvents& watch, Produce produce) {
  const auto source = std::make_shared<EventSource>(later, std::move(produce));
  source->watch(watch);
  Response response;
  response.content_type = "text/event-stream";
  // A proxy that collects a stream before it passes it on makes it useless.
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  response.source = source;
  return response;
}

}  // namespace konekwa::http
