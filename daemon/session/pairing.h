// Linking an unlinked device: shows the codes that the server hands out, one after the other, until a phone scans one.
// What the phone vouches for is verified, made durable, and only then answered. The server ends the stream after that
// (515), and the session logs in.
// Made for each connection, as Online is.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "common/alive.h"
#include "daemon/session/committer.h"
#include "daemon/session/device.h"
#include "daemon/session/ending.h"
#include "daemon/session/environment.h"
#include "daemon/wa/io/connection.h"
#include "daemon/wa/linking.h"

namespace konekwa::session {

class Pairing final : private wa::io::Connection::Handler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_code(const QrCode& code) = 0;
    virtual void on_passkey_required() = 0;                           // the phone wants one before it links us
    virtual void on_codes_used_up() = 0;                              // the window is over; on_ended follows
    // The device is linked: adds what the session's own row needs. The batch is committed by Pairing.
    virtual void on_linking(store::WriteBatch& batch, const wa::PairSuccess& success) = 0;
    virtual void on_ended(Ending ending) = 0;                         // once
  };

  Pairing(std::string session, const Environment& env, Committer& commits, Device& device, const wa::Endpoint& endpoint,
          int codes_shown_before, Owner& owner);
  ~Pairing() override;
  // Ends the connection without telling the owner; what it asked for never comes back.
  void detach();

 private:
  void on_connection_ready(const wa::Key& peer_static_key, Bytes client_payload) override;
  void on_connection_node(wa::Node node) override;
  void on_connection_closed(Error why) override;

  void on_iq(const wa::Node& node);
  void on_refs(const wa::Node& iq, const wa::Node& pair_device);
  void on_pair_success(const wa::Node& iq);
  void on_notification(const wa::Node& node);
  void show_next();
  bool is_showing() const { return next_code_.is_pending() && !is_linked_; }   // and nobody has scanned
  void end(Ending ending);

  const std::string session_;
  const Environment& env_;
  Committer& commits_;
  Device& device_;
  Owner& owner_;
  std::unique_ptr<wa::io::Connection> connection_;
  std::deque<std::string> refs_;
  int shown_;                      // codes shown so far, over all windows
  bool is_first_of_window_ = true;
  bool is_linked_ = false;
  bool has_ended_ = false;
  Timer next_code_;
  Alive alive_;
};

}  // namespace konekwa::session
