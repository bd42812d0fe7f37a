// Every session of the daemon: connects them at start (with a ramp), on command, and forgets the deleted ones.
// The verbs may be called from any thread; they are posted to the loop, where the sessions live.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/error.h"
#include "common/loop.h"
#include "common/random.h"
#include "daemon/session/media_tools.h"
#include "daemon/store/store.h"
#include "daemon/wa/endpoint.h"
#include "daemon/wa/io/transport.h"

namespace konekwa::session {

struct Options {
  wa::Endpoint endpoint;              // for sessions that are not linked yet
  std::string whatsapp_version;       // "2.3000.1045649367"
  int restart_ramp = 200;             // connections started a second
  int prekeys_first = 812;            // uploaded when the server has none (WhatsApp Web's number)
  int prekeys_more = 50;              // uploaded when it has few
  int prekeys_low = 5;                // "few"
};

// What is true now and not worth a row: the QR code on show.
struct QrCode {
  std::string text;                   // "https://wa.me/settings/linked_devices#..."
  int sequence = 0;                   // 1, 2, ...
  Time issued_at{}, expires_at{};
  int remaining_codes = 0;
};

// When a connection was last heard of since the daemon started.
struct Liveness {
  std::optional<Time> last_frame_at;  // anything from WhatsApp
  std::optional<Time> last_ack_at;    // that it has a message of ours
};

class Registry {
 public:
  Registry(Loop& loop, Random& random, wa::io::Connector& connector, MediaTools media, store::DbWriter& writer,
           store::Readers& readers, Options options);
  ~Registry();

  void start();                                  // loop thread: connects what wants a connection
  void stop(std::function<void()> done);         // loop thread: closes every connection, writes nothing more

  void connect(const std::string& session);      // also begins pairing; the row exists and wants a connection
  void disconnect(const std::string& session);   // the row says so already; the socket is closed
  void restart_qr(const std::string& session);   // a new window of codes; the session is not linked
  void reconnect(const std::string& session);    // its proxy has changed: a connection that it has is made anew
  void apply_settings(const std::string& session);   // its row has others
  // Both log out at WhatsApp if it is reachable within 5 s, and say whether it was told. remove() then forgets the
  // session and erases its rows; reset() erases only what linked it, and begins to pair anew.
  using LoggedOut = std::function<void(Result<bool> is_told)>;
  void remove(const std::string& session, LoggedOut done);
  void reset(const std::string& session, LoggedOut done);
  void wake(const std::string& session);         // its outbox has something new
  // What the store knows of one group ("...@g.us") or, with "", of all is made true again, if WhatsApp can be asked.
  // `done` when that is durable, on any thread.
  void refresh_groups(const std::string& session, const std::string& group, std::function<void(Result<>)> done);
  // What falls due later than this is looked up in time; what falls due earlier has to be told.
  static constexpr Duration kScheduleLookAhead = minutes(1);
  void reschedule();                             // a message falls due soon, by its schedule or its expiry

  std::optional<QrCode> qr(const std::string& session) const;    // any thread
  bool is_connected(const std::string& session) const;           // any thread
  Liveness liveness(const std::string& session) const;           // any thread

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace konekwa::session
