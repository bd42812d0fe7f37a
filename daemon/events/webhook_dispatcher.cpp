#include "daemon/events/webhook_dispatcher.h"

#include "common/log.h"
#include "daemon/events/delivery_outcome.h"
#include "daemon/events/event_log.h"
#include "daemon/events/url_load.h"
#include "daemon/events/webhook_request.h"
#include "daemon/store/webhooks.h"

#include <atomic>
#include <map>

namespace konekwa::events {
namespace {

using store::DeliveryRow;

// After the storage refused: reads and results are tried again.
constexpr Duration kStorageRetry = seconds(5);

// Only of the URL that the session has now: an old one says nothing about it.
void mark_gone(store::Database& db, const DeliveryRow& row, std::optional<Time> at) {
  const auto session = store::sessions::find(db, row.session);
  if (!session) return;
  const std::string& present = row.target == "message" ? session->webhook_message : session->webhook_status;
  if (present == row.url) store::webhooks::set_gone(db, row.session, row.target, at);
}

constexpr const char* kExpired = "Expired before it could be delivered";
constexpr const char* kGone = "The receiver has answered 410 Gone; setting its URL again starts it again";

}  // namespace

// A delivery is under way from the moment it is picked until its result is durable; so long its lane is busy. Callbacks
// hold this object weakly: after stop, or after its end, an answer finds nobody.
class WebhookDispatcher::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, Random& random, store::DbWriter& writer, store::Readers& readers, net::WebClient& web,
       WebhookOptions options)
      : loop_(loop), random_(random), writer_(writer), readers_(readers), web_(web), options_(std::move(options)),
        load_(options_.parallel_max, options_.parallel_per_url_max, options_.max_rate),
        waker_(std::make_shared<Waker>(loop)) {
    if (options_.retry_schedule.empty()) options_.retry_schedule = default_retry_schedule();
  }

  void start() {
    is_running_ = true;
    // On the writer's thread: it only posts, and holds nothing whose end would come there.
    writer_.listen(kTopic, [waker = waker_, weak = weak_from_this()] { waker->wake(weak); });
    waker_->wake(weak_from_this());
  }

  void stop() {
    is_running_ = false;
    timer_.reset();
    under_way_.clear();
  }

 private:
  struct UnderWay {
    DeliveryRow row;
    Time started{};
    Timer timer;   // until the result is committed again, after the storage refused it
  };
  using Id = std::string;
  using Change = std::function<void(store::Database&)>;

  // Any thread. Many signals make one look.
  struct Waker {
    explicit Waker(Loop& l) : loop(l) {}
    void wake(const std::weak_ptr<Impl>& weak) {
      if (is_woken.exchange(true)) return;
      loop.post([this, weak] {
        const auto self = weak.lock();   // it owns this waker
        if (!self) return;
        is_woken = false;
        self->look();
      });
    }
    Loop& loop;
    std::atomic<bool> is_woken = false;
  };

  // Starts what is due and has room, then sleeps until something else falls due. What is due and has no room is
  // looked at when something ends.
  void look() {
    if (!is_running_) return;
    timer_.reset();
    for (bool may_be_more = true; may_be_more;) {
      const int room = options_.parallel_max - static_cast<int>(under_way_.size());
      if (room <= 0) break;
      const auto rows = due(room);
      if (!rows) return look_after(kStorageRetry);
      int started = 0;
      for (const DeliveryRow& row : *rows) {
        if (!can_begin(row)) continue;
        begin(row);
        ++started;
      }
      may_be_more = started > 0 && static_cast<int>(rows->size()) == room;
    }
    sleep_until_next();
  }

  Result<std::vector<DeliveryRow>> due(int room) {
    store::deliveries::Busy busy;
    for (const auto& [id, delivery] : under_way_) busy.lanes.push_back(delivery.row.lane);
    busy.urls = load_.full_urls(loop_.now());
    busy.per_url_max = options_.parallel_per_url_max;
    return readers_.get<std::vector<DeliveryRow>>(
        [&](store::Database& db) { return store::deliveries::due(db, loop_.now(), busy, room); });
  }

  void sleep_until_next() {
    const Time now = loop_.now();
    const auto next = readers_.get<std::optional<Time>>(
        [&](store::Database& db) { return store::deliveries::next_due_at(db, now); });
    if (!next) return look_after(kStorageRetry);
    const auto opening = load_.next_opening(now);
    const Time at = std::min(next->value_or(Time::max()), opening.value_or(Time::max()));
    if (at != Time::max()) look_after(at - now);
  }

  void look_after(Duration wait) {
    timer_ = loop_.after(wait, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->look();
    });
  }

  bool can_begin(const DeliveryRow& row) const {
    return load_.has_room(row.url, loop_.now()) && !is_lane_busy(row.lane);
  }

  void begin(const DeliveryRow& row) {
    const Time now = loop_.now();
    under_way_.emplace(row.id, UnderWay{row, now, {}});
    if (row.expires_at && now >= *row.expires_at) return give_up(row.id, kExpired);
    if (row.is_gone && row.replays == 0) return give_up(row.id, kGone);
    const Time first_at = row.created_at + options_.retry_schedule.front();
    if (row.attempts == 0 && now < first_at) {
      return commit_change(row.id, [id = row.id, first_at](store::Database& db) {
        store::deliveries::postpone(db, id, first_at);
      });
    }
    load_.begin(row.url, now);
    attempt(row, now);
  }

  bool is_lane_busy(const std::string& lane) const {
    return std::any_of(under_way_.begin(), under_way_.end(),
                       [&](const auto& entry) { return entry.second.row.lane == lane; });
  }

  void give_up(const Id& id, const char* why) {
    commit_change(id, [id, why](store::Database& db) { store::deliveries::give_up(db, id, why); });
  }

  void attempt(const DeliveryRow& row, Time now) {
    auto request = webhook_request(row, now);
    if (!request) return answered(row.id, fail(request.error()));
    web_.fetch(std::move(*request), [weak = weak_from_this(), id = row.id](Result<net::WebResponse> answer) {
      if (const auto self = weak.lock()) self->answered(id, answer);
    });
  }

  void answered(const Id& id, const Result<net::WebResponse>& answer) {
    const auto found = under_way_.find(id);
    if (found == under_way_.end()) return;
    const DeliveryRow& row = found->second.row;
    const Time now = loop_.now();
    const Outcome outcome = judge(row, answer, options_, found->second.started, now, random_);
    const bool is_success = outcome.attempt.error.empty();
    if (!is_success) log_failure(row, outcome);
    load_.end(row.url, is_success, now, outcome.pause.value_or(Duration(0)));
    commit_change(id, [id, outcome, is_success, row](store::Database& db) {
      if (outcome.is_gone) mark_gone(db, row, outcome.attempt.at);
      if (is_success && row.is_gone) mark_gone(db, row, std::nullopt);
      // Somebody asked for it again meanwhile: what became of the attempt before does not take that back.
      const auto present = store::deliveries::find_unsettled(db, id);
      if (present && present->replays != row.replays && !is_success) return;
      store::deliveries::record_attempt(db, id, outcome.attempt);
    });
  }

  static void log_failure(const DeliveryRow& row, const Outcome& outcome) {
    const bool is_dead = outcome.attempt.state == store::DeliveryState::DEAD;
    log::info("webhooks", "{} of {}: attempt {} failed: {}{}", row.id, row.session, row.attempts + 1,
              outcome.attempt.error, is_dead ? "; given up" : "");
  }

  // The lane is free once the change is durable.
  void commit_change(const Id& id, Change change) {
    store::WriteBatch batch;
    batch.run(change);
    auto told = [&loop = loop_, weak = weak_from_this(), id, change = std::move(change)](Result<> done) {
      loop.post([weak, id, change, done = std::move(done)] {
        if (const auto self = weak.lock()) self->committed(id, done, change);
      });
    };
    writer_.commit(std::move(batch), std::move(told));
  }

  // A result that could not be written is kept and written later, so the receiver is not asked twice without need. A
  // crash before that sends the delivery again: at least once.
  void committed(const Id& id, const Result<>& done, const Change& change) {
    const auto found = under_way_.find(id);
    if (found == under_way_.end()) return;
    if (!done) {
      log::warn("webhooks", "the result of {} is not durable yet: {}", id, done.error().text());
      found->second.timer = loop_.after(kStorageRetry, [weak = weak_from_this(), id, change] {
        if (const auto self = weak.lock()) self->commit_change(id, change);
      });
      return;
    }
    under_way_.erase(found);
    waker_->wake(weak_from_this());
  }

  Loop& loop_;
  Random& random_;
  store::DbWriter& writer_;
  store::Readers& readers_;
  net::WebClient& web_;
  WebhookOptions options_;

  bool is_running_ = false;
  std::map<Id, UnderWay> under_way_;
  UrlLoad load_;
  const std::shared_ptr<Waker> waker_;   // shared with the writer's listener, which outlives this object
  Timer timer_;
};

WebhookDispatcher::WebhookDispatcher(Loop& loop, Random& random, store::DbWriter& writer, store::Readers& readers,
                                     net::WebClient& web, WebhookOptions options)
    : impl_(std::make_shared<Impl>(loop, random, writer, readers, web, std::move(options))) {}
WebhookDispatcher::~WebhookDispatcher() { impl_->stop(); }

void WebhookDispatcher::start() { impl_->start(); }
void WebhookDispatcher::stop() { impl_->stop(); }

}  // namespace konekwa::events
