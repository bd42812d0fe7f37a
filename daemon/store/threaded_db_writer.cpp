#include "daemon/store/threaded_db_writer.h"

#include "common/log.h"
#include "common/signals.h"
#include "daemon/store/batch_runner.h"


#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace konekwa::store {
namespace {

// What a probe writes: enough that a disk with a few free octets does not count as mended.
constexpr int kProbeOctets = 32 * 1024;

enum class State { Open, Refusing, Broken };

}  // namespace

class ThreadedDbWriter::Impl {
 public:
  Impl(std::unique_ptr<Database> db, std::function<void(Error)> on_fatal, WriterOptions options)
      : db_(std::move(db)), runner_(*db_), on_fatal_(std::move(on_fatal)), options_(options),
        thread_([this] { run(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void commit(WriteBatch batch, Done done) {
    if (auto reason = refusal_or_enqueue(batch, done)) return done(fail(ErrorCode::STORAGE_UNAVAILABLE, *reason));
    wake_.notify_one();
  }

  void listen(std::string topic, std::function<void()> told) {
    const std::lock_guard lock(mutex_);
    listeners_.emplace(std::move(topic), std::move(told));
  }

  bool is_healthy() const { return state_ == State::Open; }

 private:
  // Nothing when both were moved into the queue.
  std::optional<std::string> refusal_or_enqueue(WriteBatch& batch, Done& done) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::Open) return refusal_;
    if (is_stopping_) return "the daemon is stopping";
    if (batches_.size() >= options_.queue_max) return "too many writes are waiting";
    batches_.push_back(std::move(batch));
    dones_.push_back(std::move(done));
    return std::nullopt;
  }

  void run() {
    block_signals();
    while (wait_for_work()) {
      if (state_ == State::Refusing) {
        probe();
      } else {
        commit_what_waits();
      }
    }
  }

  // False when it is time to end: stopping, and nothing is left that could be written.
  bool wait_for_work() {
    std::unique_lock lock(mutex_);
    if (state_ == State::Refusing) {
      wake_.wait_for(lock, options_.probe_interval, [this] { return is_stopping_; });
      return !is_stopping_;
    }
    wake_.wait(lock, [this] { return is_stopping_ || !batches_.empty(); });
    return !batches_.empty();
  }

  struct Work {
    std::vector<WriteBatch> batches;
    std::vector<Done> dones;
  };

  Work take(std::size_t max) {
    const std::lock_guard lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(max, batches_.size()));
    Work work;
    work.batches.assign(std::move_iterator(batches_.begin()), std::move_iterator(batches_.begin() + count));
    work.dones.assign(std::move_iterator(dones_.begin()), std::move_iterator(dones_.begin() + count));
    batches_.erase(batches_.begin(), batches_.begin() + count);
    dones_.erase(dones_.begin(), dones_.begin() + count);
    return work;
  }

  void commit_what_waits() {
    Work work = take(options_.transaction_max);
    const auto results = runner_.run(work.batches);
    if (runner_.failure()) enter(state_after(runner_.failure()->kind), runner_.failure()->what());
    for (std::size_t i = 0; i < results.size(); ++i) work.dones[i](results[i]);
    tell_listeners();
    if (state_ != State::Open) refuse_what_waits();
    if (state_ == State::Broken) on_fatal_(Error(ErrorCode::STORAGE_UNAVAILABLE, refusal_));
  }

  static State state_after(Failure::Kind kind) {
    if (kind == Failure::Kind::Full) return State::Refusing;
    // Other: this transaction could not begin or end (no memory, a lock), and the next one may.
    return kind == Failure::Kind::Broken ? State::Broken : State::Open;
  }

  void enter(State next, const std::string& reason) {
    if (next == State::Open) return log::error("store", "a transaction failed: {}", reason);
    const bool is_broken = next == State::Broken;
    log::error("store", "{}: {}", is_broken ? "the database is broken" : "the disk takes no writes", reason);
    const std::lock_guard lock(mutex_);
    refusal_ = reason;
    state_ = next;
  }

  void tell_listeners() {
    for (const std::string& topic : runner_.take_topics()) {
      for (const auto& told : listeners_of(topic)) told();
    }
  }

  std::vector<std::function<void()>> listeners_of(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    std::vector<std::function<void()>> out;
    const auto [first, last] = listeners_.equal_range(topic);
    for (auto it = first; it != last; ++it) out.push_back(it->second);
    return out;
  }

  // Nothing is enqueued in this state, so one pass empties the queue.
  void refuse_what_waits() {
    Work work = take(options_.queue_max);
    for (const Done& done : work.dones) done(fail(ErrorCode::STORAGE_UNAVAILABLE, refusal_));
  }

  void probe() {
    WriteBatch write, erase;
    write.run([](Database& db) {
      db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('storage.probe', hex(randomblob(?)))",
                 {kProbeOctets});
    });
    erase.run([](Database& db) { db.execute("DELETE FROM facts WHERE name = 'storage.probe'"); });
    for (const WriteBatch* batch : {&write, &erase}) {   // a transaction each: the first has to reach the disk
      runner_.run(std::span(batch, 1));
      if (runner_.failure()) return probe_failed(*runner_.failure());
    }
    log::info("store", "the disk takes writes again");
    const std::lock_guard lock(mutex_);
    state_ = State::Open;
  }

  void probe_failed(const Failure& failure) {
    if (failure.kind != Failure::Kind::Broken) return;
    enter(State::Broken, failure.what());
    on_fatal_(Error(ErrorCode::STORAGE_UNAVAILABLE, refusal_));
  }

  std::unique_ptr<Database> db_;
  BatchRunner runner_;
  std::function<void(Error)> on_fatal_;
  const WriterOptions options_;

  std::mutex mutex_;   // guards what follows; state_ and refusal_ are written by the writer's thread only
  std::condition_variable wake_;
  std::deque<WriteBatch> batches_;
  std::deque<Done> dones_;
  std::multimap<std::string, std::function<void()>> listeners_;
  std::string refusal_;
  std::atomic<State> state_ = State::Open;
  bool is_stopping_ = false;
  std::thread thread_;   // last: it runs as soon as it is made
};

ThreadedDbWriter::ThreadedDbWriter(std::unique_ptr<Database> db, std::function<void(Error)> on_fatal,
                                   WriterOptions options)
    : impl_(std::make_unique<Impl>(std::move(db), std::move(on_fatal), options)) {}
ThreadedDbWriter::~ThreadedDbWriter() = default;

void ThreadedDbWriter::commit(WriteBatch batch, Done done) { impl_->commit(std::move(batch), std::move(done)); }
void ThreadedDbWriter::listen(std::string topic, std::function<void()> told) {
  impl_->listen(std::move(topic), std::move(told));
}
bool ThreadedDbWriter::is_healthy() const { return impl_->is_healthy(); }

}  // namespace konekwa::store
