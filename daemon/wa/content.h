// The end-to-end payload: the protobuf Message inside an <enc>, as far as Konekwa speaks it, and its padding.
#pragma once

#include <optional>
#include <string>

#include "common/bytes.h"
#include "common/error.h"
#include "common/random.h"
#include "common/time.h"
#include "daemon/wa/jid.h"

namespace konekwa::wa {

// What a decrypted message says.
struct Content {
  enum class Kind : std::uint8_t {
    Text,            // conversation or extendedTextMessage
    Protocol,        // keys, history, settings between own devices; `protocol_type` says which
    KeyDistribution, // only a sender key
    Unsupported      // something people send that this version does not render; `type_name` names it
  };
  Kind kind = Kind::Unsupported;
  std::string text;
  int protocol_type = -1;                    // ProtocolMessage.Type
  std::string type_name;                     // "image", "sticker", ...: the field's name without "Message"
  // Set when this is a copy of what another device of the account sent: the chat it went to.
  std::optional<Jid> sent_to;
  Bytes message;                             // the inner serialized Message, to be kept or resent
};

Bytes encode_text(const std::string& text);                                    // Message{conversation}
// Message{extendedTextMessage, messageContextInfo}, as other clients write text.
Bytes encode_text_with_secret(const std::string& text, ByteView secret);
Bytes wrap_device_sent(ByteView message, const Jid& destination);              // Message{deviceSentMessage}
Result<Content> parse_content(ByteView message);  // unwraps deviceSentMessage, ephemeral, view once. PROTOCOL

Bytes pad(ByteView message, Random& random);                                   // 1..16 octets, each the count
Result<Bytes> unpad(ByteView padded);                                          // accepts 1..255, all equal

// For the phones of the sandbox.
Bytes encode_app_state_key_share(ByteView key_id, ByteView key_data, Time now);
enum class HistorySyncType { InitialBootstrap = 0, Recent = 3, PushName = 4 };
// A history sync notification with the (empty) history inline, zlib-compressed.
Bytes encode_history_notification(HistorySyncType type, std::uint32_t chunk_order, std::uint32_t progress);

}  // namespace konekwa::wa
