#include "daemon/session/schedule.h"

#include <set>

#include "daemon/events/event_log.h"
#include "daemon/store/messages.h"

namespace konekwa::session {
namespace {

// Rows changed in one transaction, so that a big campaign does not hold up everybody else's commits.
constexpr int kRowsMax = 500;
constexpr Duration kStorageRetry = seconds(5);
// Times beyond it are looked up again: a timer that is set for a month is of no use.
constexpr Duration kSleepMax = Registry::kScheduleLookAhead;
// A message that was handed to the network is given this much longer: its ack may be on the way.
constexpr Duration kAckPatience = minutes(10);

struct Released {
  std::set<std::string> sessions;
  bool is_more = false;
};

}  // namespace

class Schedule::Impl : public std::enable_shared_from_this<Schedule::Impl> {
 public:
  Impl(const Environment& env, std::function<void(const std::string&)> released)
      : env_(env), released_(std::move(released)) {}

  void start() {
    is_running_ = true;
    look();
  }
  void stop() {
    is_running_ = false;
    timer_.reset();
  }
  void look_again() {
    if (is_running_ && !is_committing_) look();
  }

 private:
  // The first moment at which something falls due.
  Result<std::optional<Time>> next_due() {
    return env_.readers.get<std::optional<Time>>([](store::Database& db) {
      const auto scheduled = store::messages::next_scheduled_at(db);
      const auto expiring = store::messages::next_expiry_at(db);
      if (!scheduled || !expiring) return scheduled ? scheduled : expiring;
      return std::optional(std::min(*scheduled, *expiring));
    });
  }

  void look() {
    const Time now = env_.loop.now();
    const auto next = next_due();
    if (!next) return look_after(kStorageRetry);
    const bool is_sweep_due = now - swept_at_ >= kSleepMax;   // what is unconfirmed has no timer of its own
    if (is_sweep_due || (*next && **next <= now)) return change(now);
    look_after(*next ? std::min<Duration>(**next - now, kSleepMax) : kSleepMax);
  }

  void look_after(Duration wait) {
    timer_ = env_.loop.after(wait, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->look();
    });
  }

  void change(Time now) {
    timer_.reset();
    is_committing_ = true;
    swept_at_ = now;
    const auto released = std::make_shared<Released>();
    store::WriteBatch batch;
    batch.run([released, now, &random = env_.random](store::Database& db) {
      *released = {};
      const auto due = store::messages::release_scheduled(db, now, kRowsMax);
      for (const auto& row : due) released->sessions.insert(row.session);
      const auto expired = store::messages::expire(db, now, Error(ErrorCode::EXPIRED), kRowsMax);
      for (const auto& row : expired) events::message_changed(db, row, now, random);
      const auto unconfirmed = store::messages::fail_unconfirmed(db, now - kAckPatience, Error(ErrorCode::NO_ACK), now,
                                                                 kRowsMax);
      for (const auto& row : unconfirmed) events::message_changed(db, row, now, random);
      const auto most = std::max({due.size(), expired.size(), unconfirmed.size()});
      released->is_more = most == static_cast<std::size_t>(kRowsMax);
    });
    env_.writer.commit(std::move(batch), [weak = weak_from_this(), released, &loop = env_.loop](Result<> done) {
      loop.post([weak, released, done = std::move(done)] {
        if (const auto self = weak.lock()) self->changed(done, *released);
      });
    });
  }

  void changed(const Result<>& done, const Released& released) {
    is_committing_ = false;
    if (!is_running_) return;
    if (!done) return look_after(kStorageRetry);
    for (const std::string& session : released.sessions) released_(session);
    released.is_more ? change(env_.loop.now()) : look();
  }

  const Environment& env_;
  std::function<void(const std::string&)> released_;
  bool is_running_ = false;
  bool is_committing_ = false;
  Time swept_at_{};
  Timer timer_;
};

Schedule::Schedule(const Environment& env, std::function<void(const std::string& session)> released)
    : impl_(std::make_shared<Impl>(env, std::move(released))) {}
Schedule::~Schedule() { impl_->stop(); }

void Schedule::start() { impl_->start(); }
void Schedule::look_again() { impl_->look_again(); }
void Schedule::stop() { impl_->stop(); }

}  // namespace konekwa::session
