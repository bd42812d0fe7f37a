// The outbox of one session on its way out. One lane a chat keeps the order; lanes do not wait for each other.
//
//   outbox row -> devices and ratchets -> media uploaded, preview made -> encrypt -> commit {ratchets, SENDING} -> wire
//   -> ack -> commit {SENT, event}
//
// Rows that were SENDING when a connection or the daemon ended go out again first, under the same stanza id, so that
// receivers keep one. Lives as long as one connection.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "common/alive.h"
#include "daemon/session/composer.h"
#include "daemon/session/fan_out.h"
#include "daemon/session/link.h"
#include "daemon/session/link_previews.h"
#include "daemon/session/outbound_media.h"
#include "daemon/session/privacy_tokens.h"
#include "daemon/store/messages.h"

namespace konekwa::session {

class Sender {
 public:
  Sender(const Link& link, FanOut& fan_out, PrivacyTokens& tokens, OutboundMedia& media, LinkPreviews& previews,
         Composer& composer);

  void wake();                             // the connection is up, or the outbox has something new
  void wake_from_start();                  // something older than what was loaded has joined the outbox
  void on_ack(const wa::Node& ack);        // class=message

 private:
  struct Lane {
    std::deque<store::MessageRow> rows;
    std::vector<store::MessageRow> again;  // to join the rows when none of them is being prepared
    bool is_preparing = false;
    Timer retry, typing;
    std::int64_t typed_for = 0;            // the sequence that "typing ..." was shown for
    int failures = 0;
  };
  struct Unacked {
    std::int64_t sequence = 0;
    wa::Jid chat;
    std::optional<Time> sent_at;           // on the wire; nothing while its commit is under way
  };

  void load();
  void advance(const std::string& chat);
  void prepared(const std::string& chat, Result<> result);
  void transmit(const store::MessageRow& row, const wa::Jid& chat);
  bool shows_typing(const store::MessageRow& row, const wa::Jid& chat);  // true: it begins, and transmit() waits
  bool is_prepared(const store::MessageRow& row, const wa::Jid& chat);   // else what is missing was asked for
  void rejoin(Lane& lane);
  bool is_to_go_again(const Unacked& sent, const std::string& error) const;
  void send_again(const Unacked& sent, store::WriteBatch batch);
  void give_up(const store::MessageRow& row, const Error& why);
  std::optional<Error> obstacle(const store::MessageRow& row, const std::optional<wa::Jid>& chat) const;
  void commit_settled(store::WriteBatch batch, std::int64_t sequence);
  void watch_acks();

  const Link& link_;
  FanOut& fan_out_;
  PrivacyTokens& tokens_;
  OutboundMedia& media_;
  LinkPreviews& previews_;
  Composer& composer_;
  std::map<std::string, Lane> lanes_;
  std::map<std::string, Unacked> unacked_;   // by stanza id
  std::set<std::int64_t> held_;              // sequences that were loaded, until what became of them is durable
  std::set<std::int64_t> sent_again_;        // sequences that were refused once
  std::int64_t loaded_until_ = 0;
  int loaded_ = 0;                           // rows waiting in lanes
  bool has_more_ = true;
  bool is_pumping_ = false;
  Timer ack_watch_;
  Alive alive_;
};

}  // namespace konekwa::session
