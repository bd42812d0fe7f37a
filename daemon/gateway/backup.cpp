// Gateway: a backup of everything, while the daemon runs.
#include <algorithm>
#include <atomic>

#include "daemon/gateway/impl.h"
#include "daemon/store/backup.h"

namespace konekwa {
namespace {

// One backup at a time. The turn ends once, whoever ends it; any thread.
class Turn {
 public:
  explicit Turn(std::shared_ptr<std::atomic<bool>> is_taken) : is_taken_(std::move(is_taken)) {}
  ~Turn() { end(); }
  void end() {
    if (!is_over_.exchange(true)) *is_taken_ = false;
  }

 private:
  const std::shared_ptr<std::atomic<bool>> is_taken_;
  std::atomic<bool> is_over_ = false;
};

// What the worker has in hand. It ends on the worker's thread, because taking away what it made blocks.
struct Making {
  explicit Making(std::shared_ptr<std::atomic<bool>> is_taken) : turn(std::move(is_taken)) {}

  Turn turn;
  std::unique_ptr<store::Backup> backup;
  std::uint64_t left = 0;   // octets that were not read yet
  std::string piece;
  std::optional<Error> error;
};

class Reader final : public BackupReader {
 public:
  Reader(Worker& worker, std::shared_ptr<Making> making)
      : worker_(worker), making_(std::move(making)), size_(making_->left) {}

  ~Reader() override {
    worker_.run([making = std::move(making_)] { end(*making); }, [] {});
  }

  std::uint64_t size() const override { return size_; }

  void read(std::function<void(std::string)> deliver) override {
    worker_.run([making = making_] { read_piece(*making); },
                [making = making_, deliver = std::move(deliver)] { deliver(std::move(making->piece)); });
  }

 private:
  static void end(Making& making) {
    making.backup.reset();
    making.turn.end();
  }

  // Ends with the last piece: whoever has got it may ask for another backup at once.
  static void read_piece(Making& making) {
    auto piece = making.backup ? making.backup->read() : Result<std::string>(std::string());
    // The client learns of a failure by what is missing.
    if (!piece) log::error("gateway", "backup: {}", piece.error().text());
    making.piece = piece ? std::move(*piece) : std::string();
    making.left -= std::min<std::uint64_t>(making.left, making.piece.size());
    if (making.left == 0) end(making);
  }

  Worker& worker_;
  std::shared_ptr<Making> making_;
  const std::uint64_t size_;
};

}  // namespace

Worker& Gateway::Impl::backup_worker() {
  const std::lock_guard lock(backup_mutex);
  if (!backup_thread) backup_thread = make_worker_thread(parts.loop);
  return *backup_thread;
}

void Gateway::begin_backup(const Caller& caller, const Query& query, BackupAnswer answer) {
  if (!caller.sees_every_tenant) {
    return answer(fail(Error(ErrorCode::FORBIDDEN, "a backup is of every tenant", "ask as an admin who names none")));
  }
  const std::string media = find_parameter(query, "media");
  if (!media.empty() && media != "true" && media != "false") {
    return answer(fail(ErrorCode::INVALID_REQUEST, "media must be true or false"));
  }
  if (impl_->parts.data_dir.empty()) return answer(fail(ErrorCode::CONFLICT, "the data are in memory alone"));
  if (impl_->is_backing_up->exchange(true)) {
    return answer(fail(ErrorCode::CONFLICT, "a backup is being made; try again when it is done"));
  }
  Worker& worker = impl_->backup_worker();
  const auto making = std::make_shared<Making>(impl_->is_backing_up);
  worker.run(
      [making, data_dir = impl_->parts.data_dir, has_media = media != "false", now = impl_->now()] {
        auto backup = store::Backup::take(data_dir, has_media, now);
        if (!backup) {
          making->error = std::move(backup.error());
          return making->turn.end();
        }
        making->backup = std::move(*backup);
        making->left = making->backup->size();
      },
      [&worker, making, answer = std::move(answer)] {
        if (making->error) return answer(fail(*making->error));
        answer(std::make_shared<Reader>(worker, making));
      });
}

}  // namespace konekwa
