#include "daemon/gateway/media_retention.h"

#include "common/log.h"
#include "daemon/store/message_media.h"
#include "daemon/store/uploads.h"

namespace konekwa {
namespace {

// After an error a file counts as used: the next look will tell.
bool is_used(store::Readers& readers, ByteView sha256) {
  const auto used = readers.get<bool>([&](store::Database& db) {
    return store::message_media::uses_file(db, sha256) || store::uploads::uses_file(db, sha256);
  });
  return used.value_or(true);
}

}  // namespace

void MediaRetention::start() { look(); }

void MediaRetention::stop() {
  timer_.reset();
  alive_.renew();
}

void MediaRetention::look() {
  // Counted on the worker: the first time it looks at every file.
  const auto used = std::make_shared<std::uint64_t>(0);
  parts_.worker.run([&files = parts_.files, used] { *used = files.bytes_used(); }, alive_.guard([this, used] {
    is_over_quota_ = options_.quota_bytes > 0 && *used > options_.quota_bytes;
    take_rows();
  }));
}

void MediaRetention::take_rows() {
  const Time now = parts_.loop.now();
  const Time before = is_over_quota_ ? now : now - options_.message_media;
  const bool has_end = is_over_quota_ || options_.message_media > Duration(0);
  const auto taken = std::make_shared<std::size_t>(0);
  store::WriteBatch batch;
  batch.run([now, before, has_end, taken](store::Database& db) {
    *taken = store::uploads::take_expired(db, now, kRowsAtOnce).size();
    if (has_end) *taken += store::message_media::expire(db, before, kRowsAtOnce).size();
  });
  // Told on the writer's thread.
  parts_.writer.commit(std::move(batch), [&loop = parts_.loop, taken, then = alive_.guard([this](std::size_t count) {
                                            on_rows_taken(count);
                                          })](const Result<>& done) {
    const std::size_t count = done ? *taken : 0;
    loop.post([then, count] { then(count); });
  });
}

void MediaRetention::on_rows_taken(std::size_t count) {
  if (count > 0) log::info("media", "{} files have been kept long enough", count);
  const auto erased = std::make_shared<std::uint64_t>(0);
  const Time before = parts_.loop.now() - kAdoptionGrace;
  parts_.worker.run(
      [&files = parts_.files, &readers = parts_.readers, before, erased] {
        *erased = files.sweep(before, [&readers](ByteView sha256) { return is_used(readers, sha256); });
      },
      alive_.guard([this, count, erased] {
        // Over the quota, one step at a time frees no more than it must.
        const bool is_more = count >= kRowsAtOnce || (is_over_quota_ && *erased > 0);
        is_more ? look() : wait();
      }));
}

void MediaRetention::wait() {
  timer_ = parts_.loop.after(kInterval, [this] { look(); });
}

}  // namespace konekwa
