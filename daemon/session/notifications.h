// <notification>: what the server tells of others and of our account. Each is acknowledged once what it says is
// durable, also those that mean nothing to us: the server repeats what is not acknowledged.
#pragma once

#include "daemon/session/inbound_media.h"
#include "daemon/session/link.h"
#include "daemon/session/prekey_keeper.h"
#include "daemon/session/privacy_tokens.h"

namespace konekwa::session {

class Notifications {
 public:
  Notifications(const Link& link, PrekeyKeeper& prekeys, PrivacyTokens& tokens, InboundMedia& media)
      : link_(link), prekeys_(prekeys), tokens_(tokens), media_(media) {}

  void on_notification(const wa::Node& stanza);

 private:
  void on_encrypt(const wa::Node& stanza, store::WriteBatch& batch);
  void on_devices(const wa::Node& stanza, store::WriteBatch& batch);
  void on_privacy_token(const wa::Node& stanza, store::WriteBatch& batch);
  void on_media_retry(const wa::Node& stanza, store::WriteBatch& batch);
  void on_group(const wa::Node& stanza, store::WriteBatch& batch);
  void on_mex(const wa::Node& stanza, store::WriteBatch& batch);
  bool puts_us_out(const wa::GroupChange& change) const;
  void forget_identity(const wa::Jid& user);

  const Link& link_;
  PrekeyKeeper& prekeys_;
  PrivacyTokens& tokens_;
  InboundMedia& media_;
};

}  // namespace konekwa::session
