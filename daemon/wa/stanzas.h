// Receipts, acks and the other small stanzas, made and read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "daemon/wa/node.h"
#include "daemon/wa/prekeys.h"

namespace konekwa::wa {

Node iq_result(const Node& request);                                     // empty result, addressed back
Node iq_error(const Node& request, int code, const std::string& text);
Node ping_iq(const std::string& id);
Node active_iq(const std::string& id);                                   // leave passive mode
Node remove_companion_iq(const std::string& id, const Jid& own_device);
Node privacy_token_iq(const std::string& id, const Jid& contact, Time at);

// The t attribute, in seconds. Nothing when it is absent, negative or beyond the year 9999.
std::optional<Time> stanza_time(const Node& stanza);

// <ack> of a message, receipt, notification or call: class, id, to, and what has to be echoed. `error` 0: none.
Node ack_of(const Node& stanza, int error = 0);

enum class ReceiptKind : std::uint8_t {
  Delivered, Inactive, Read, ReadSelf, Played, Sender, PeerMessage, HistorySync, Retry, ServerError, Other
};
std::string_view to_string(ReceiptKind kind);                            // the type attribute; "" for Delivered

struct Receipt {
  ReceiptKind kind = ReceiptKind::Delivered;
  Jid from;                                  // the reader's device, or a group
  std::optional<Jid> participant, recipient;
  std::vector<std::string> message_ids;      // the id and those of <list>
  Time at{};
};
std::optional<Receipt> parse_receipt(const Node& node, Time now);        // now: when the stanza has no t

// The delivery receipt that settles a decrypted message.
Node delivery_receipt(const Node& message, ReceiptKind kind);

// The receipt that turns the sender's ticks blue.
Node read_receipt(const Node& message, Time at);
// "typing ..." in a chat with us.
Node composing(const Jid& chat);

// A retry receipt for a message that could not be decrypted. With `keys`, the sender can start a new ratchet.
struct RetryKeys {
  PreKey prekey;
  Bytes device_identity;                     // empty for a phone
};
Node retry_receipt(const Node& message, int count, const DeviceIdentity& own, const std::optional<RetryKeys>& keys);
struct RetryRequest {
  Jid requester;                             // device
  std::string message_id;
  int count = 1;
  std::uint32_t registration_id = 0;
  std::optional<PreKeyBundle> bundle;
};
Result<RetryRequest> parse_retry_receipt(const Node& receipt);

// <message> attributes of an incoming stanza.
struct MessageInfo {
  std::string id;
  Jid from;                                  // sender's device, or group
  Jid sender;                                // participant in groups, else from
  std::optional<Jid> sender_alternate;       // the other address of the sender: sender_lid, sender_pn, participant_*
  std::optional<Jid> recipient;              // the chat, on copies of own sends
  std::optional<Jid> recipient_alternate;    // peer_recipient_pn, peer_recipient_lid
  std::string push_name;
  std::string type;
  Time at{};
  bool is_offline = false;
  bool is_peer = false;                      // category=peer
  bool is_group = false;
};
Result<MessageInfo> parse_message_info(const Node& message);

// "3EB0" and 18 hex digits: how WhatsApp Web names its messages.
std::string new_stanza_id(const Jid& own, Time now, Random& random);

}  // namespace konekwa::wa
