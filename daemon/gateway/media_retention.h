// Takes away media that is kept no longer: files of messages that are older than the retention, uploads that have
// expired, and then the files that nobody needs. Also, when the folder is over its quota, the oldest files of messages.
//
// On the loop's thread; the files themselves are the Worker's. Owned by the daemon.
#pragma once

#include "common/alive.h"
#include "common/loop.h"
#include "common/worker.h"
#include "daemon/store/db_writer.h"
#include "daemon/store/media_files.h"
#include "daemon/store/store.h"

namespace konekwa {

class MediaRetention {
 public:
  struct Options {
    Duration message_media = hours(24 * 14);   // zero: for ever
    std::uint64_t quota_bytes = 0;             // zero: none
  };
  struct Parts {
    Loop& loop;
    Worker& worker;
    store::DbWriter& writer;
    store::Readers& readers;
    store::MediaFiles& files;
  };
  static constexpr Duration kInterval = minutes(10);
  // Between the moment when a file is whole and the commit of the row that names it.
  static constexpr Duration kAdoptionGrace = hours(1);
  static constexpr int kRowsAtOnce = 200;

  MediaRetention(Parts parts, Options options) : parts_(parts), options_(options) {}
  void start();   // looks for the first time
  void stop();

 private:
  void look();
  void take_rows();
  void on_rows_taken(std::size_t count);
  void wait();

  const Parts parts_;
  const Options options_;
  bool is_over_quota_ = false;
  Timer timer_;
  Alive alive_;
};

}  // namespace konekwa
