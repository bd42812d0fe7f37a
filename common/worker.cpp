#include "common/worker.h"

#include "common/signals.h"


#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace konekwa {
namespace {

class WorkerThread final : public Worker {
 public:
  explicit WorkerThread(Loop& loop) : loop_(loop), thread_([this] { serve(); }) {}

  ~WorkerThread() override {
    *is_alive_ = false;
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void run(Task work, Task then) override {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back({std::move(work), std::move(then)});
    }
    wake_.notify_one();
  }

 private:
  struct Job {
    Task work, then;
  };

  void serve() {
    block_signals();
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
      if (is_stopping_) return;
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job.work();
      job.work = nullptr;
      // Moved all the way: what it holds must not end on this thread.
      loop_.post([is_alive = is_alive_, then = std::move(job.then)] {
        if (*is_alive) then();
      });
      lock.lock();
    }
  }

  Loop& loop_;
  // Shared with what was posted and has not run yet, which may outlive this object.
  const std::shared_ptr<std::atomic<bool>> is_alive_ = std::make_shared<std::atomic<bool>>(true);
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool is_stopping_ = false;
  std::thread thread_;   // last: it runs as soon as it is made
};

}  // namespace

std::unique_ptr<Worker> make_worker_thread(Loop& loop) { return std::make_unique<WorkerThread>(loop); }

}  // namespace konekwa
