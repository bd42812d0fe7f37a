// What other devices say of the messages that we sent: delivered, read, or "I could not decrypt it, again please".
#pragma once

#include <map>
#include <string>
#include <utility>

#include "common/alive.h"
#include "daemon/session/composer.h"
#include "daemon/session/fan_out.h"
#include "daemon/session/link.h"
#include "daemon/store/messages.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {

class OutboundReceipts {
 public:
  OutboundReceipts(const Link& link, FanOut& fan_out, Composer& composer)
      : link_(link), fan_out_(fan_out), composer_(composer) {}

  void on_receipt(const wa::Node& stanza);   // commits what it says, then acks it

 private:
  void record(const wa::Node& stanza, const wa::Receipt& receipt);
  void record_in_group(const wa::Node& stanza, const wa::Receipt& receipt);
  void on_retry(const wa::Node& stanza);
  bool is_of_chat(const wa::Jid& device, const wa::Jid& chat);
  void renew_ratchet(const wa::RetryRequest& request, const wa::Jid& device, Task then);
  void resend(const wa::Node& stanza, const wa::RetryRequest& request, const store::MessageRow& row);
  void acknowledge(const wa::Node& stanza);

  const Link& link_;
  FanOut& fan_out_;
  Composer& composer_;
  struct Resends {
    int times = 0;
    int last_count = 0;   // as the device counts its requests
  };
  std::map<std::pair<std::string, wa::Jid>, Resends> resends_;   // of this connection; bounded
  Alive alive_;
};

}  // namespace konekwa::session
