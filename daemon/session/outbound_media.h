// The media of a message on their way to WhatsApp's CDN, before the message itself can go.
//
//   media_url -> file -> facts (confined process) -> encrypted file -> upload -> commit {media row} -> the sender
//
// What was uploaded once is not uploaded again, also not after a restart. A few files at a time; none is held in
// memory.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/alive.h"
#include "daemon/session/link.h"
#include "daemon/session/media_hosts.h"
#include "daemon/store/message_media.h"
#include "daemon/store/messages.h"
#include "daemon/wa/media.h"

namespace konekwa::session {

class OutboundMedia {
 public:
  OutboundMedia(const Link& link, MediaHosts& hosts) : link_(link), hosts_(hosts) {}

  // The row of media that are uploaded already; null: prepare() them.
  const store::MessageMediaRow* find(const store::MessageRow& row);
  // MEDIA_DOWNLOAD_FAILED, MEDIA_TOO_LARGE, MEDIA_TYPE_MISMATCH, MEDIA_UPLOAD_FAILED: the message fails. Else what the
  // network says: try again.
  using Done = std::function<void(Result<>)>;
  void prepare(const store::MessageRow& row, Done done);
  void forget(std::int64_t sequence) { ready_.erase(sequence); }

  static bool is_final(ErrorCode code);

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;
  void begin_next();
  void begin(const JobPtr& job);
  void take_upload(const JobPtr& job, const std::string& id);
  void fetch(const JobPtr& job, int attempt);
  void on_fetched(const JobPtr& job, int attempt, const Result<net::WebResponse>& response);
  void inspect(const JobPtr& job);
  void encrypt(const JobPtr& job);
  void upload(const JobPtr& job);
  void upload_to(const JobPtr& job, const MediaHosts::Hosts& hosts, std::size_t which);
  void on_uploaded(const JobPtr& job, const MediaHosts::Hosts& hosts, std::size_t which,
                   const Result<net::WebResponse>& response);
  void keep(const JobPtr& job);
  void finish(const JobPtr& job, Result<> result);
  static std::string mimetype_of(const Job& job);

  const Link& link_;
  MediaHosts& hosts_;
  std::map<std::int64_t, store::MessageMediaRow> ready_;   // by sequence, until the message is gone
  std::deque<JobPtr> waiting_;
  std::map<std::int64_t, Timer> retries_;                  // of fetches
  int under_way_ = 0;
  Alive alive_;
};

}  // namespace konekwa::session
