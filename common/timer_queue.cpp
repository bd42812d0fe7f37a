#include "common/timer_queue.h"

#include <algorithm>

namespace konekwa {

bool TimerQueue::is_later(const Entry& a, const Entry& b) {
  return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
}

Timer TimerQueue::add(Duration at, Task task) {
  if (entries_.size() >= sweep_at_) drop_all_cancelled();
  auto alive = std::make_shared<bool>(true);
  entries_.push_back({at, sequence_++, alive, std::move(task)});
  std::push_heap(entries_.begin(), entries_.end(), is_later);
  return Timer(std::move(alive));
}

std::optional<Duration> TimerQueue::next() {
  drop_cancelled_front();
  return entries_.empty() ? std::nullopt : std::optional(entries_.front().at);
}

std::optional<Task> TimerQueue::take_due(Duration now) {
  const auto due = next();
  if (!due || *due > now) return std::nullopt;
  std::pop_heap(entries_.begin(), entries_.end(), is_later);
  auto task = std::move(entries_.back().task);
  *entries_.back().alive = false;  // it has fired, so it is not pending any more
  entries_.pop_back();
  return task;
}

void TimerQueue::drop_cancelled_front() {
  while (!entries_.empty() && !*entries_.front().alive) {
    std::pop_heap(entries_.begin(), entries_.end(), is_later);
    entries_.pop_back();
  }
}

// A timeout is nearly always cancelled long before it is due, and nobody tells the queue. Sweeping each time the queue
// has doubled keeps it within twice what is pending, at a constant cost a timer.
void TimerQueue::drop_all_cancelled() {
  std::erase_if(entries_, [](const Entry& entry) { return !*entry.alive; });
  std::make_heap(entries_.begin(), entries_.end(), is_later);
  sweep_at_ = std::max<std::size_t>(64, entries_.size() * 2);
}

}  // namespace konekwa
