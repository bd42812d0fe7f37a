// Who a message goes to, and one ciphertext for each: the devices of the other side, and our account's other devices,
// which get a copy wrapped in deviceSentMessage. A group's message is the business of GroupFanOut.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/alive.h"
#include "daemon/session/link.h"
#include "daemon/wa/content.h"

namespace konekwa::session {

class GroupFanOut;

// Devices that one stanza can name: what fits into a list of the wire.
inline constexpr std::size_t kDevicesInStanzaMax = 0xFFFF;

class FanOut {
 public:
  explicit FanOut(const Link& link);
  ~FanOut();

  // The devices are known and each has a ratchet: encrypt() can be called.
  bool is_ready(const wa::Jid& chat);
  // Asks the server for what is missing. RECIPIENT_NOT_ON_WHATSAPP, ENCRYPTION_FAILED (no device has usable keys),
  // or what the network says.
  using Done = std::function<void(Result<>)>;
  void prepare(const wa::Jid& chat, Done done);

  struct Outgoing {
    std::string id;
    Bytes message;                     // serialized Message
    wa::StanzaType type;               // of its content
  };
  // <message> for `chat`. Ratchets step: commit before sending. ENCRYPTION_FAILED when no device could be served.
  Result<wa::Node> encrypt(const wa::Jid& chat, const Outgoing& outgoing);

  // One more ciphertext of a message for one device that asked for it, as the answer to a retry receipt.
  Result<wa::Node> encrypt_for(const wa::Jid& device, const wa::Jid& stanza_to, const wa::Jid& chat,
                               const Outgoing& outgoing, int retry_count);

  // The server's answer to what encrypt() made; adds what follows for the message's row. Or: it never went out.
  void on_ack(const wa::Node& ack, store::WriteBatch& batch);
  void on_unsent(const std::string& id);

  // Asks which devices these users have. Those whom the server does not know are still unknown afterwards.
  void ask_devices(const std::vector<wa::Jid>& users, Done done);
  // Fetches keys and starts ratchets with those of `devices` that have none.
  void fetch_keys(const std::vector<wa::Jid>& devices, bool because_of_identity_change, Done done);
  bool is_without_keys(const wa::Jid& device) const { return without_keys_.contains(device); }

  GroupFanOut& groups() { return *groups_; }

 private:
  struct Targets {
    std::vector<wa::Jid> peers, own;   // canonical, with device
  };
  std::optional<Targets> targets(const wa::Jid& chat);
  std::vector<wa::Jid> without_ratchet(const Targets& targets);
  void start_sessions(const wa::Node& answer);
  void ensure_keys(const wa::Jid& chat, Done done);
  Result<wa::Ciphertext> seal(const wa::Jid& device, const wa::Jid& chat, const Bytes& message);

  const Link& link_;
  std::unique_ptr<GroupFanOut> groups_;  // what goes to groups
  std::set<wa::Jid> without_keys_;     // the server has no bundle for these; asked again on the next connection
  Alive alive_;
};

}  // namespace konekwa::session
