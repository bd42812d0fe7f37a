#include "daemon/events/event_feed.h"

#include "daemon/events/event_log.h"

namespace konekwa::events {

struct EventFeed::Subscription::Subscribers {
  void tell() {
    const std::lock_guard lock(mutex);
    for (const auto& [who, told] : list) told();
  }
  std::mutex mutex;   // held while they are told, so that none is told after it has gone
  std::map<const Subscription*, std::function<void()>> list;
};

EventFeed::Subscription::Subscription(std::shared_ptr<Subscribers> all, std::function<void()> told)
    : all_(std::move(all)) {
  const std::lock_guard lock(all_->mutex);
  all_->list.emplace(this, std::move(told));
}

EventFeed::Subscription::~Subscription() {
  const std::lock_guard lock(all_->mutex);
  all_->list.erase(this);
}

EventFeed::EventFeed(store::DbWriter& writer) : all_(std::make_shared<Subscription::Subscribers>()) {
  writer.listen(kTopic, [all = all_] { all->tell(); });
}

std::unique_ptr<EventFeed::Subscription> EventFeed::subscribe(std::function<void()> told) {
  return std::unique_ptr<Subscription>(new Subscription(all_, std::move(told)));
}

}  // namespace konekwa::events
