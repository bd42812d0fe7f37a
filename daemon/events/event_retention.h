// Takes away events and deliveries that have been kept long enough, and ends deliveries whose receiver never answers,
// so that they stand in the list of failed ones instead of waiting for ever. Some rows at a time, between the commits
// of others. On the loop's thread; owned by the daemon.
#pragma once

#include "common/alive.h"
#include "common/loop.h"
#include "daemon/store/db_writer.h"

namespace konekwa::events {

class EventRetention {
 public:
  struct Options {
    Duration events = hours(24 * 7);      // and what was delivered; zero: for ever
    Duration dead = hours(24 * 30);       // deliveries that were given up, and their events; zero: for ever
    Duration overdue = hours(84);         // due for so long without an attempt: given up. Longer than the schedule
  };
  static constexpr Duration kInterval = minutes(10);
  static constexpr int kRowsAtOnce = 500;

  EventRetention(Loop& loop, store::DbWriter& writer, Options options)
      : loop_(loop), writer_(writer), options_(options) {}
  void start();   // looks for the first time
  void stop();

 private:
  struct Taken {
    std::int64_t given_up = 0, deliveries = 0, events = 0, last_event = 0;
    bool is_more = false;
  };
  void look();
  void on_taken(const Taken& taken);
  static Taken take(store::Database& db, const Options& options, Time now, std::int64_t after_event);

  Loop& loop_;
  store::DbWriter& writer_;
  const Options options_;
  std::int64_t last_event_ = 0;   // that this walk has looked at
  Timer timer_;
  Alive alive_;
};

}  // namespace konekwa::events
