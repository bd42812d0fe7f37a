// One simulated world: a sandbox network with phones, a disk, a webhook receiver, and a daemon that can crash and
// start again. Everything but the daemon survives a crash. One seed decides everything.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/events/webhook_dispatcher.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/session/registry.h"
#include "daemon/store/messages.h"
#include "daemon/store/store.h"
#include "tests/sim/cdn.h"
#include "tests/sim/process_loop.h"
#include "tests/sim/receiver.h"
#include "tests/sim/sim_db_writer.h"
#include "tests/support/fake_inspector.h"
#include "tests/support/inline_worker.h"
#include "tests/support/manual_loop.h"
#include "tests/support/memory_transport.h"
#include "tests/support/seeded_random.h"

namespace konekwa::sim {

inline constexpr const char* kSession = "ses_1";

struct WorldOptions {
  std::uint64_t seed = 1;
  Bug bug = Bug::None;
  int crash_after_commit = 0;        // counted from the moment of pairing; 0: never by itself
  std::vector<Duration> qr_lifetimes = {};   // of the network's codes; none: WhatsApp's
};

// What the workload did, for the checkers.
struct Ledger {
  struct Accepted {                  // answered with 202, or in the database after a crash before the answer
    std::string wa_id, to, text;
    Time at{};
  };
  struct Said {                      // by a phone, to us or in the group
    std::string id, from, chat, text;
    std::string file;                // its content; "": it has none
  };
  struct Membership {                // of the contact that comes to the group and goes
    Time at{};
    bool is_in = false;
  };
  std::vector<Accepted> accepted;
  std::set<std::string> taken_back;  // texts that were to be cancelled; the rows say which were
  std::vector<Said> said;
  std::vector<Membership> membership;
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();

  std::optional<std::string> code();                       // on show
  bool scan();                                             // what is on show, with a new phone
  void pair();                                             // links the session, by QR; faults may strike
  std::string pair_another(const std::string& session);    // a second number beside ours, which it returns
  // As the API does: durable, then answered. With a delay it is scheduled. `to` is a number, or a group's address.
  void accept(const std::string& to, const std::string& text, Duration delay = Duration(0));
  void accept_at(const std::string& session, const std::string& to, const std::string& text);   // of any session
  void accept_with(const std::string& to, const std::string& text, const std::string& fields,    // JSON, of the row
                   const std::string& type = "text");
  void accept_image(const std::string& to, const std::string& caption);   // fetched from a URL that works
  void cancel(const std::string& text);                    // as the API does; too late is too late
  void say(const std::string& from, const std::string& text);
  // A picture with a caption. Its octets are of the text, so that no two are alike.
  void say_file(const std::string& from, const std::string& text);
  // The group of us and both contacts. The second of them comes and goes.
  void make_group();
  void set_in_group(bool is_in);
  bool is_in_group() const { return !ledger.membership.empty() && ledger.membership.back().is_in; }
  void say_in_group(const std::string& from, const std::string& text);   // not by who is not in it
  void expire_files() { expired_files += network->media().expire(""); }
  void crash();                                            // now; starts again a little later
  void cut();                                              // the network, for a moment
  void black_hole();                                       // the peer vanishes without a word
  void restart_cleanly();
  bool drain(Duration limit);                              // until nothing waits anywhere; false: it never ends
  bool is_drained();

  test::ManualLoop loop;
  test::SeededRandom random;
  Receiver receiver;
  Cdn cdn;
  std::unique_ptr<sandbox::Sandbox> network;
  std::string own_number;
  std::string group;                                       // its address; "": none was made
  std::size_t expired_files = 0;                           // that the CDN has forgotten
  std::vector<std::string> contacts;
  Ledger ledger;
  int commits = 0;                                         // since pairing
  int crashes = 0;
  media_probe::MediaFacts media_facts;                     // of every file that the daemon has looked into

  store::Database& disk() { return *disk_; }
  const std::string& folder() const { return folder_; }    // the data directory
  std::string path_of_file(ByteView sha256) const { return files_->path_of(sha256); }
  std::string status();                                    // of the session, as the API says it: "CONNECTED"
  bool wait_for_status(const std::string& status, Duration limit = minutes(5));
  void connect();                                          // as the API's connect does
  void disconnect();
  void set_switches(bool auto_read, bool auto_typing);     // as PATCH of the settings does
  session::Liveness liveness(const std::string& session = kSession);

 private:
  struct Process;
  void boot();
  void plant_fresh_ids();
  bool is_last_commit();
  store::MessageRow outbound_row(const std::string& to, const std::string& text);
  void accept(const store::MessageRow& row);

  WorldOptions options_;
  std::string uri_;
  std::string folder_;                                     // the data directory, for files
  // One for all runs, which therefore never give two files one name: what a dead run leaves behind in the loop takes
  // its files away later than a killed process would.
  std::unique_ptr<store::MediaFiles> files_;
  std::unique_ptr<store::Database> disk_;
  std::unique_ptr<test::MemoryNetwork> wire_;
  std::unique_ptr<Process> process_;
  Timer boot_timer_;
  bool is_paired_ = false;
};

}  // namespace konekwa::sim
