#include "daemon/events/event_retention.h"

#include "common/log.h"
#include "daemon/events/event_log.h"
#include "daemon/store/deliveries.h"

namespace konekwa::events {
namespace {

Time before(Time now, Duration kept) { return kept > Duration(0) ? now - kept : Time::min(); }

}  // namespace

void EventRetention::start() { look(); }

void EventRetention::stop() {
  timer_.reset();
  alive_.renew();
}

EventRetention::Taken EventRetention::take(store::Database& db, const Options& options, Time now,
                                           std::int64_t after_event) {
  Taken out;
  out.given_up = store::deliveries::give_up_overdue(
      db, now - options.overdue, "The receiver has not answered for " + to_string(options.overdue), kRowsAtOnce);
  if (out.given_up > 0) db.signal(kTopic);   // what waited behind them may go
  out.deliveries = store::deliveries::erase_settled(db, before(now, options.events), before(now, options.dead),
                                                    kRowsAtOnce);
  const auto events = store::deliveries::erase_events(db, before(now, options.events), after_event, kRowsAtOnce);
  out.events = events.count;
  out.last_event = events.last_position;
  out.is_more = events.is_more || out.deliveries == kRowsAtOnce || out.given_up == kRowsAtOnce;
  return out;
}

void EventRetention::look() {
  const auto taken = std::make_shared<Taken>();
  store::WriteBatch batch;
  batch.run([taken, options = options_, now = loop_.now(), after = last_event_](store::Database& db) {
    *taken = take(db, options, now, after);
  });
  // Told on the writer's thread.
  writer_.commit(std::move(batch), [&loop = loop_, taken, then = alive_.guard([this](const Taken& what) {
                                      on_taken(what);
                                    })](const Result<>& done) {
    loop.post([then, what = done ? *taken : Taken{}] { then(what); });
  });
}

void EventRetention::on_taken(const Taken& taken) {
  if (taken.given_up > 0) log::info("webhooks", "{} deliveries are given up: nobody answers", taken.given_up);
  last_event_ = taken.is_more ? taken.last_event : 0;
  if (taken.is_more) return look();
  timer_ = loop_.after(kInterval, [this] { look(); });
}

}  // namespace konekwa::events
