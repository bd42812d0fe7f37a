#include "daemon/media_probe/inspector.h"

#include "common/alive.h"
#include "daemon/media_probe/facts_json.h"
#include "daemon/media_probe/limits.h"
#include "daemon/media_probe/probe_runner.h"

namespace konekwa::media_probe {
namespace {

constexpr std::size_t kRunningMax = 2;
constexpr std::size_t kWaitingMax = 1'000;

class ProcessInspector final : public MediaInspector {
 public:
  ProcessInspector(Loop& loop, std::string program)
      : loop_(loop), runner_(std::move(program), [this](std::uint64_t id, Result<std::string> output) {
          // Made on the runner's thread, which ends before alive_ does; run on the loop, when both may be gone.
          loop_.post([token = std::weak_ptr<ProcessInspector*>(self_), id, output = std::move(output)] {
            if (const auto self = token.lock()) (*self)->finished(id, output);
          });
        }) {}

  void inspect(const std::string& path, Done done) override {
    if (waiting_.size() >= kWaitingMax) {
      loop_.post(alive_.guard([done = std::move(done)] {
        done(fail(Error(ErrorCode::QUEUE_FULL, "too many files wait to be looked into", "")));
      }));
      return;
    }
    waiting_.push_back({path, std::move(done)});
    start_next();
  }

 private:
  struct Request {
    std::string path;
    Done done;
  };
  struct Running {
    Done done;     // empty once the request was answered
    Timer limit;
  };

  void start_next() {
    while (!waiting_.empty() && running_.size() < kRunningMax) {
      Request request = std::move(waiting_.front());
      waiting_.pop_front();
      const std::uint64_t id = next_id_++;
      Timer limit = loop_.after(kTimeMax, [this, id] { give_up(id); });
      running_.emplace(id, Running{std::move(request.done), std::move(limit)});
      runner_.start(id, std::move(request.path));
    }
  }

  // The place stays taken until the process has ended, else there could be any number of them.
  void give_up(std::uint64_t id) {
    runner_.kill(id);
    const Done done = std::exchange(running_.at(id).done, nullptr);
    done(fail(ErrorCode::TIMEOUT, "the media probe took longer than " + to_string(kTimeMax)));
  }

  void finished(std::uint64_t id, const Result<std::string>& output) {
    const auto found = running_.find(id);
    const Done done = std::move(found->second.done);
    running_.erase(found);
    start_next();
    if (!done) return;
    done(output ? read_media_facts(*output) : fail(output.error()));   // may destroy this object
  }

  Loop& loop_;
  Alive alive_;
  // Shared with what was posted and has not run yet, which may outlive this object.
  const std::shared_ptr<ProcessInspector*> self_ = std::make_shared<ProcessInspector*>(this);
  std::deque<Request> waiting_;
  std::map<std::uint64_t, Running> running_;
  std::uint64_t next_id_ = 1;
  ProbeRunner runner_;   // last: its thread uses the rest
};

}  // namespace

std::unique_ptr<MediaInspector> make_media_inspector(Loop& loop, std::string program) {
  return std::make_unique<ProcessInspector>(loop, std::move(program));
}

}  // namespace konekwa::media_probe
