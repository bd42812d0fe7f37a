// Messages on their way in.
//
//   stanza -> decrypt -> commit {ratchets, seen, message row, event, delivery} -> receipt
//
// The receipt is what settles a message at the server, so it leaves only after the commit. A message that cannot be
// decrypted gets a retry receipt, a few times; after the last try a row says that something was lost.
#pragma once

#include <map>
#include <string>

#include "daemon/session/chat_timers.h"
#include "daemon/session/inbound_media.h"
#include "daemon/session/link.h"
#include "daemon/session/prekey_keeper.h"
#include "daemon/store/messages.h"
#include "daemon/wa/content.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {

class Inbound {
 public:
  Inbound(const Link& link, PrekeyKeeper& prekeys, InboundMedia& media, ChatTimers& timers)
      : link_(link), prekeys_(prekeys), media_(media), timers_(timers) {}

  void on_message(const wa::Node& stanza);

 private:
  struct Opened {
    std::vector<wa::Content> contents;
    std::optional<Error> error;              // of the first part that failed
    bool is_duplicate = false;
    bool has_parts = false;                  // anything encrypted for this device
  };
  Opened open(const wa::Node& stanza, const wa::MessageInfo& info);
  void judge(const wa::Node& stanza, const wa::MessageInfo& info, Opened opened);   // not decrypted: repeated or lost?
  void accept(const wa::Node& stanza, const wa::MessageInfo& info, const std::vector<wa::Content>& contents);
  void refuse(const wa::Node& stanza, const wa::MessageInfo& info, const Error& why);
  static wa::Node settling(const wa::Node& stanza, const wa::MessageInfo& info, wa::ReceiptKind kind);
  wa::Jid chat_of(const wa::MessageInfo& info, const wa::Content& content);   // without a device
  store::MessageRow row_of(const wa::MessageInfo& info, const wa::Content& content);
  void add_row(store::WriteBatch& batch, const wa::MessageInfo& info, const wa::Content& content);
  void add_deed(store::WriteBatch& batch, const wa::MessageInfo& info, const wa::Content& content);
  wa::ReceiptKind receipt_kind(const wa::MessageInfo& info, const std::vector<wa::Content>& contents);
  bool is_seen(const wa::MessageInfo& info);
  std::string seen_chat(const wa::MessageInfo& info);
  std::string seen_sender(const wa::MessageInfo& info);

  const Link& link_;
  PrekeyKeeper& prekeys_;
  InboundMedia& media_;
  ChatTimers& timers_;
  std::map<std::string, int> retries_;       // by stanza id, of this connection; bounded
};

}  // namespace konekwa::session
