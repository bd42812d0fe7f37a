// Makes of an outbound row what goes to a chat: its content with media, preview, quote, mentions and timer. The same
// row gives the same message again, for a device that asks for it.
#pragma once

#include "daemon/session/chat_timers.h"
#include "daemon/session/fan_out.h"
#include "daemon/session/link.h"
#include "daemon/session/link_previews.h"
#include "daemon/session/outbound_media.h"

namespace konekwa::session {

class Composer {
 public:
  Composer(const Link& link, OutboundMedia& media, LinkPreviews& previews, ChatTimers& timers)
      : link_(link), media_(media), previews_(previews), timers_(timers) {}

  // The media, when it has any, are uploaded. MESSAGE_TYPE_UNSUPPORTED.
  Result<FanOut::Outgoing> compose(const store::MessageRow& row);

 private:
  std::optional<wa::Quote> quote_of(const store::MessageRow& row);
  std::string address_of(const std::string& written);

  const Link& link_;
  OutboundMedia& media_;
  LinkPreviews& previews_;
  ChatTimers& timers_;
};

}  // namespace konekwa::session
