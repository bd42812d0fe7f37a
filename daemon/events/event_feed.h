// Tells whoever streams events that events have become durable. It carries no events: those are read
// from the store, so that nobody can miss one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "daemon/store/db_writer.h"

namespace konekwa::events {

class EventFeed {
 public:
  explicit EventFeed(store::DbWriter& writer);   // before the first commit, as DbWriter::listen wants it

  // Told until it is destroyed.
  class Subscription {
   public:
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    friend class EventFeed;
    struct Subscribers;
    Subscription(std::shared_ptr<Subscribers> all, std::function<void()> told);
    const std::shared_ptr<Subscribers> all_;
  };
  // Any thread. `told` is called on the writer's thread after each transaction that made events, never after the
  // Subscription is gone; it only posts.
  std::unique_ptr<Subscription> subscribe(std::function<void()> told);

 private:
  std::shared_ptr<Subscription::Subscribers> all_;
};

}  // namespace konekwa::events
