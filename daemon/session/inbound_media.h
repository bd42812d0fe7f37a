// The media of received messages on their way here: fetched after the message is committed and acknowledged, since
// WhatsApp keeps them for weeks.
//
//   PENDING row -> encrypted file -> checked and opened -> media folder -> commit {STORED}
//
// What the CDN has dropped is asked of the phone that sent it, which uploads it again. A few files at a time; none is
// held in memory.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/alive.h"
#include "daemon/session/link.h"
#include "daemon/session/media_hosts.h"
#include "daemon/store/message_media.h"

namespace konekwa::session {

class InboundMedia {
 public:
  InboundMedia(const Link& link, MediaHosts& hosts) : link_(link), hosts_(hosts) {}

  void wake();                                       // the connection is up, or something new is pending
  void on_media_retry(const wa::Node& notification); // the phone has uploaded again, or cannot

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;
  int room() const;                                  // for jobs that use the network or the disk
  void look();
  void look_at(Time at);
  void begin(const store::MessageMediaRow& row);
  void fetch_from(const JobPtr& job, std::size_t which);
  void on_fetched(const JobPtr& job, std::size_t which, const Result<net::WebResponse>& response);
  void open(const JobPtr& job);
  void ask_phone(const JobPtr& job);
  void store(const JobPtr& job, const Bytes& sha256, std::uint64_t length);
  void give_up(const JobPtr& job, const std::string& why);
  void try_again(const JobPtr& job, const std::string& why);
  void settle(const JobPtr& job, store::WriteBatch batch);

  const Link& link_;
  MediaHosts& hosts_;
  std::set<std::int64_t> under_way_;                 // messages
  std::map<std::string, JobPtr> asked_;              // by stanza id: the phone was asked, and they use nothing
  std::deque<JobPtr> answered_;                      // there is a file again, and they wait for room
  Timer timer_;
  Alive alive_;
};

}  // namespace konekwa::session
