// Gateway: a backup of everything, while the daemon runs.
#include "daemon/gateway/impl.h"
#include "daemon/store/backup.h"

namespace konekwa {
namespace {

// What the worker has in hand. It ends on the worker's thread, because taking away what it made blocks.
struct Making {
  std::unique_ptr<store::Backup> backup;
  std::string piece;
  std::optional<Error> error;
};

class Reader final : public BackupReader {
 public:
  Reader(Worker& worker, std::shared_ptr<Making> making, std::function<void()> on_end)
      : worker_(worker), making_(std::move(making)), on_end_(std::move(on_end)) {}

  ~Reader() override {
    worker_.run([making = std::move(making_)]() mutable { making->backup.reset(); }, [] {});
    on_end_();
  }

  std::uint64_t size() const override { return making_->backup->size(); }

  void read(std::function<void(std::string)> deliver) override {
    worker_.run(
        [making = making_] {
          auto piece = making->backup->read();
          // The client learns of a failure by what is missing.
          if (!piece) log::error("gateway", "backup: {}", piece.error().text());
          making->piece = piece ? std::move(*piece) : std::string();
        },
        [making = making_, deliver = std::move(deliver)] { deliver(std::move(making->piece)); });
  }

 private:
  Worker& worker_;
  std::shared_ptr<Making> making_;
  const std::function<void()> on_end_;
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
  if (impl_->is_backing_up.exchange(true)) {
    return answer(fail(ErrorCode::CONFLICT, "a backup is being made; try again when it is done"));
  }
  Worker& worker = impl_->backup_worker();
  const auto making = std::make_shared<Making>();
  worker.run(
      [making, data_dir = impl_->parts.data_dir, has_media = media != "false", now = impl_->now()] {
        auto backup = store::Backup::take(data_dir, has_media, now);
        if (backup) making->backup = std::move(*backup);
        else making->error = std::move(backup.error());
      },
      [&worker, making, impl = impl_.get(), answer = std::move(answer)] {
        const auto on_end = [impl] { impl->is_backing_up = false; };
        if (!making->error) return answer(std::make_shared<Reader>(worker, making, on_end));
        on_end();
        answer(fail(*making->error));
      });
}

}  // namespace konekwa
