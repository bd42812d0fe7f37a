#include "daemon/sandbox/mailbox.h"

#include "common/log.h"

namespace konekwa::sandbox {

void Mailbox::push(wa::Node stanza) {
  if (stanzas_.size() == kMailboxMax) {
    log::warn("sandbox", "a mailbox holds {} stanzas; the oldest is dropped", kMailboxMax);
    stanzas_.pop_front();
    if (sent_ > 0) --sent_;
  }
  stanzas_.push_back(std::move(stanza));
}

const wa::Node* Mailbox::take_unsent() {
  return sent_ == stanzas_.size() ? nullptr : &stanzas_[sent_++];
}

bool Mailbox::settle(std::string_view tag, const std::string& id, const std::optional<wa::Jid>& from) {
  std::optional<std::size_t> match;
  for (std::size_t i = 0; i < stanzas_.size(); ++i) {
    if (stanzas_[i].tag != tag || stanzas_[i].attr("id") != id) continue;
    const bool is_exact = from && stanzas_[i].jid("from") == from;
    if (!match || is_exact) match = i;
    if (is_exact) break;
  }
  if (!match) return false;
  if (*match < sent_) --sent_;
  stanzas_.erase(stanzas_.begin() + static_cast<std::ptrdiff_t>(*match));
  return true;
}

std::size_t Mailbox::count(std::string_view tag) const {
  return static_cast<std::size_t>(
      std::count_if(stanzas_.begin(), stanzas_.end(), [&](const wa::Node& stanza) { return stanza.tag == tag; }));
}

}  // namespace konekwa::sandbox
