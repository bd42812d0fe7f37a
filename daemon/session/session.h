// One linked number, or one that waits to be linked: decides which connection it needs now (Pairing or Online), what
// follows when that ends, and says its status. The work is done by the parts; this is their list.
//
// On the loop's thread; owned by the registry.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/alive.h"
#include "daemon/session/backoff.h"
#include "daemon/session/board.h"
#include "daemon/session/committer.h"
#include "daemon/session/device.h"
#include "daemon/session/environment.h"
#include "daemon/session/online.h"
#include "daemon/session/own_row.h"
#include "daemon/session/pairing.h"
#include "daemon/wa/client_payload.h"

namespace konekwa::session {

class Session final : private Online::Owner, private Pairing::Owner {
 public:
  Session(std::string id, const Environment& env, Board& board);
  ~Session() override;

  // Connects; an unlinked session begins to show codes. `quiet`: after a restart, no CONNECTING is announced.
  void start(bool quiet);
  void stop();                       // on the user's request: stays offline
  void halt(Task done);              // the daemon stops: `done` when everything under way is durable
  void restart_qr();                 // of an unlinked one: a new window of codes
  void reconnect();                  // when it is to be connected: anew, through its present proxy
  void apply_settings();             // those of its row, which have changed
  void wake() { if (online_) online_->wake(); }
  Online* online() { return online_.get(); }   // null: not connected
  void wake_from_start() { if (online_) online_->wake_from_start(); }   // something old has joined the outbox
  // At WhatsApp, when connected; `done` at the latest after a few seconds, and says whether WhatsApp was told.
  void log_out(std::function<void(bool is_told)> done);

 private:
  // Online::Owner and Pairing::Owner
  void on_logged_in() override;
  void on_heard(bool is_ack) override { board_.note_heard(id_, env_.loop.now(), is_ack); }
  void on_code(const QrCode& code) override;
  void on_passkey_required() override;
  void on_codes_used_up() override;
  void on_linking(store::WriteBatch& batch, const wa::PairSuccess& success) override;
  void on_ended(Ending ending) override;

  bool load();
  void connect();
  void connect_after(Duration wait);
  void refresh_version(Ending ending);
  void drop_connection();
  void begin_again_from_disk(const Error& why);
  void set_status(store::SessionStatus status, const std::string& reason, int wa_code = 0);

  const std::string id_;
  const Environment& env_;
  Board& board_;
  const OwnRow row_;
  std::unique_ptr<Committer> commits_;
  std::unique_ptr<Device> device_;
  wa::Endpoint endpoint_;
  Switches switches_;
  std::unique_ptr<Online> online_;
  std::unique_ptr<Pairing> pairing_;
  Backoff backoff_;
  wa::Version version_in_use_;
  Timer reconnect_;
  bool is_wanted_ = false;           // start() was called and nothing has stopped it since
  int codes_shown_ = 0;
  int windows_ = 0;                  // of codes, used up without a scan
  bool is_window_over_ = false;
  Alive alive_;
};

}  // namespace konekwa::session
