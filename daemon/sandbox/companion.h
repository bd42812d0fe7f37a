// The server's end of one client connection: judges what the client says of itself, then feeds it its mailbox and
// answers its stanzas. One that shows a QR code instead of logging in has a Pairing.
#pragma once

#include <memory>

#include "common/loop.h"
#include "daemon/sandbox/account.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/io/connection.h"

namespace konekwa::sandbox {

struct Network;
class Pairing;

class Companion final : public wa::io::Connection::Handler, public Outlet {
 public:
  explicit Companion(Network& network);
  ~Companion() override;

  void start(const wa::io::Connection::MakeTransport& make);
  void send(const wa::Node& node);
  void send_packed(ByteView plaintext);   // octets in place of a node, as they are
  void end(const wa::Node& last_words);   // sends it, closes; the device is free for another connection at once
  void cut();                             // as a network failure would
  void detach();                          // gives the device back; its mail waits for the next connection

  // The client has left the passive mode: its mail flows, the queued part first.
  void let_mail_flow();
  void on_mail() override;

  Account* account() const { return account_; }   // null unless logged in
  Device* device() const { return device_; }
  Pairing* pairing() const { return pairing_.get(); }
  const std::string& push_name() const { return hello_.push_name; }

 private:
  void on_connection_ready(const wa::Key& peer_static_key, Bytes client_payload) override;
  void on_connection_node(wa::Node node) override;
  void on_connection_closed(Error why) override;

  std::string name() const;               // for the log
  void log_in(const wa::Key& noise_key);
  void refuse(int reason);
  void welcome();
  void on_message(const wa::Node& message);
  void on_receipt(const wa::Node& receipt);
  void on_ack(const wa::Node& ack);
  void on_presence(const wa::Node& presence);
  void on_chatstate(const wa::Node& chatstate);
  void on_call(const wa::Node& call);
  void deliver_one(wa::Node stanza, bool is_offline);
  void put_off(wa::Node receipt);
  void send_late();

  Network& network_;
  std::unique_ptr<wa::io::Connection> connection_;
  std::unique_ptr<Pairing> pairing_;
  wa::ClientHelloInfo hello_;
  Account* account_ = nullptr;
  Device* device_ = nullptr;
  bool is_flowing_ = false;
  bool is_ended_ = false;
  std::optional<wa::Node> late_;          // a receipt that others overtake
  Timer late_timer_;
  Timer deadline_;                        // of the handshake, then of the farewell
};

}  // namespace konekwa::sandbox
