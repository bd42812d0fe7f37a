// What a simulated phone remembers: its Signal end, what people wrote to it and what it wrote. Plain data, kept in
// the state file.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/sandbox/sandbox.h"
#include "daemon/wa/signal/signal_state.h"

namespace konekwa::sandbox {

struct SentMessage {
  struct Tick {
    std::string from;            // device jid
    std::string type;            // "" delivered, "inactive", "read", ...
    Time at{};
  };
  std::string id, chat;          // chat: LID user, or the address of a group
  std::string kind = "text";     // as kind_of has it
  std::string text;
  Bytes message;                 // to encrypt again when a device asks
  Time at{};
  std::vector<Tick> ticks;
  std::map<std::string, int> retries;  // by device jid
  std::map<std::string, std::string> reactions;  // by phone number
};

struct ReceivedMessage {
  Sandbox::Seen seen;
  wa::Jid from;                  // as it came: where a read receipt goes
  std::optional<wa::Jid> participant;  // in a group: the author's device
  bool is_read = false;
  Bytes message;                 // serialized; empty when seen.text says it all
  std::string file_problem;      // media: why there is no file; "" when there is
  Bytes file_sha256;             // of the decrypted file
  std::map<std::string, std::string> reactions;  // by phone number
  bool is_edited = false, is_revoked = false;
};

// The rows of a phone's SignalState.
class PhoneRows final : public wa::SignalRows {
 public:
  using Key = std::pair<wa::SignalRow::Kind, std::string>;
  std::optional<Bytes> find(wa::SignalRow::Kind kind, const std::string& key) const override;
  void apply(std::vector<wa::SignalRow> changes);
  std::map<Key, Bytes>& all() { return rows_; }
  const std::map<Key, Bytes>& all() const { return rows_; }

 private:
  std::map<Key, Bytes> rows_;
};

struct PhoneRecord {
  wa::DeviceIdentity identity;
  PhoneRows rows;
  std::uint32_t next_prekey_id = 1;
  bool is_online = true;
  std::deque<ReceivedMessage> inbox;      // at most kPhoneMessagesMax
  std::deque<SentMessage> sent;           // at most kPhoneMessagesMax
  std::map<std::string, int> failures;    // decryption failures by "device id", to count retry receipts
  std::map<std::string, std::set<std::string>> key_holders;  // by group: the devices that have our present sender key
  std::map<std::string, Bytes> tokens;    // privacy tokens that contacts gave us, by their LID
};

inline constexpr std::size_t kPhoneMessagesMax = 10'000;

}  // namespace konekwa::sandbox
