#include "tests/sim/sim_db_writer.h"

namespace konekwa::sim {
namespace {

constexpr std::uint64_t kCommitMsMax = 4;
// With a lie, a commit is slow: the wider the gap, the more often a crash falls into it.
constexpr std::uint64_t kLyingCommitMsMax = 400;

}  // namespace

SimDbWriter::SimDbWriter(Loop& loop, Random& random, store::Database& disk, Options options)
    : loop_(loop), random_(random), disk_(disk), runner_(disk), options_(std::move(options)) {}

void SimDbWriter::commit(store::WriteBatch batch, Done done) {
  if (is_lied_about(batch)) {
    done({});
    done = [](const Result<>&) {};
  }
  waiting_.push_back({std::move(batch), std::move(done)});
  schedule();
}

void SimDbWriter::listen(std::string topic, std::function<void()> told) {
  listeners_.emplace_back(std::move(topic), std::move(told));
}

void SimDbWriter::schedule() {
  if (flush_.is_pending() || waiting_.empty()) return;
  const bool is_lying = options_.bug == Bug::AckBeforeCommit || options_.bug == Bug::SendBeforeCommit;
  const auto delay = random_.below(is_lying ? kLyingCommitMsMax : kCommitMsMax);
  flush_ = loop_.after(Duration(static_cast<std::int64_t>(delay)), [this] {
    flush_.reset();
    flush();
  });
}

void SimDbWriter::flush() {
  const std::size_t count = options_.commits_singly ? 1 : 1 + random_.below(waiting_.size());
  std::vector<store::WriteBatch> batches;
  std::vector<Done> dones;
  for (std::size_t i = 0; i < count; ++i) {
    batches.push_back(std::move(waiting_.front().batch));
    dones.push_back(std::move(waiting_.front().done));
    waiting_.pop_front();
  }
  const auto results = runner_.run(batches);
  const auto topics = runner_.take_topics();
  if (options_.on_commit && options_.on_commit()) {
    options_.die();  // destroys this in a later turn
    return;
  }
  for (std::size_t i = 0; i < count; ++i) dones[i](results[i]);
  for (const auto& [topic, told] : listeners_) {
    if (std::find(topics.begin(), topics.end(), topic) != topics.end()) told();
  }
  schedule();
}

// What a batch is about is seen by trying it: it marks something as received, or it marks something as being sent.
bool SimDbWriter::is_lied_about(const store::WriteBatch& batch) {
  if (options_.bug != Bug::AckBeforeCommit && options_.bug != Bug::SendBeforeCommit) return false;
  const char* const count = options_.bug == Bug::AckBeforeCommit
                                ? "SELECT count(*) FROM seen"
                                : "SELECT count(*) FROM messages WHERE state = 'SENDING'";
  bool is_about = false;
  disk_.execute("BEGIN IMMEDIATE");
  try {
    // What waits would be there by then.
    for (const Waiting& waiting : waiting_) {
      for (const auto& operation : waiting.batch.operations()) (void)operation(disk_);
    }
    const auto before = disk_.integer(count);
    for (const auto& operation : batch.operations()) (void)operation(disk_);
    is_about = disk_.integer(count) > before;
  } catch (const store::Failure&) {
    is_about = false;
  }
  disk_.execute("ROLLBACK");
  (void)disk_.take_signals();
  return is_about;
}

}  // namespace konekwa::sim
