// One live connection of a linked device: logs in, then hands each stanza to the part that knows it, by a table.
// Made for each connection and destroyed with it; what survives is in Device and in the store.
#pragma once

#include <memory>

#include "daemon/session/chat_timers.h"
#include "daemon/session/composer.h"
#include "daemon/session/ending.h"
#include "daemon/session/inbound.h"
#include "daemon/session/inbound_media.h"
#include "daemon/session/keepalive.h"
#include "daemon/session/link.h"
#include "daemon/session/link_previews.h"
#include "daemon/session/media_hosts.h"
#include "daemon/session/notifications.h"
#include "daemon/session/outbound_media.h"
#include "daemon/session/outbound_receipts.h"
#include "daemon/session/sender.h"
#include "daemon/wa/io/connection.h"

namespace konekwa::session {

class Online final : private wa::io::Connection::Handler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_logged_in() = 0;             // usable: messages flow
    virtual void on_heard(bool is_ack) = 0;      // anything, or that WhatsApp has a message of ours
    virtual void on_ended(Ending ending) = 0;    // once; the owner destroys the Online later, from the loop
  };

  Online(std::string session, const Environment& env, Committer& commits, Device& device, const wa::Endpoint& endpoint,
         const Switches& switches, Owner& owner);
  ~Online() override;
  // Ends the connection without telling the owner; what it asked for never comes back.
  void detach();

  void wake() { if (is_logged_in_) sender_.wake(); }
  void wake_from_start() { if (is_logged_in_) sender_.wake_from_start(); }
  // Asks for one group or, with "", for all of the account, unless they are known to be true.
  void refresh_groups(const std::string& group, std::function<void(Result<>)> done);
  // Asks WhatsApp to forget this device; `done` when it answered, at the latest after 5 s or with the connection.
  void log_out(std::function<void(bool is_told)> done);

 private:
  void on_connection_ready(const wa::Key& peer_static_key, Bytes client_payload) override;
  void on_connection_node(wa::Node node) override;
  void on_connection_closed(Error why) override;

  void on_success(const wa::Node& node);
  void on_failure(const wa::Node& node);
  void on_stream_error(const wa::Node& node);
  void on_stream_end(const wa::Node& node);
  void on_iq(const wa::Node& node);
  void on_ack(const wa::Node& node);
  void on_message(const wa::Node& node) { inbound_.on_message(node); }
  void on_receipt(const wa::Node& node) { receipts_.on_receipt(node); }
  void on_notification(const wa::Node& node) { notifications_.on_notification(node); }
  void on_call(const wa::Node& node);
  void on_ib(const wa::Node& node);
  void activate();
  void end(Ending ending);
  void press_back();

  const Environment& env_;
  Device& device_;
  Owner& owner_;
  std::unique_ptr<wa::io::Connection> connection_;
  IqClient iq_;
  Link link_;
  FanOut fan_out_;
  MediaHosts media_hosts_;
  OutboundMedia outbound_media_;
  InboundMedia inbound_media_;
  LinkPreviews link_previews_;
  ChatTimers chat_timers_;
  Composer composer_;
  PrivacyTokens tokens_;
  PrekeyKeeper prekeys_;
  Sender sender_;
  Inbound inbound_;
  OutboundReceipts receipts_;
  Notifications notifications_;
  Keepalive keepalive_;
  Timer login_timeout_;
  bool is_logged_in_ = false;
  bool has_ended_ = false;
  bool is_pressing_back_ = false;
};

}  // namespace konekwa::session
