// The end-to-end payload: the protobuf Message inside an <enc>, every kind that Konekwa reads or writes, and padding.
//
// parse_content turns one into a Content; encode_content does the reverse. Nothing blocks or has state; any thread.
// Strings that came from a peer are UTF-8 and bounded, JIDs among them have the form of one; nothing else is vouched
// for: a file name may hold slashes, a URL may be anything.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/bytes.h"
#include "common/error.h"
#include "common/random.h"
#include "common/time.h"
#include "daemon/wa/jid.h"
#include "daemon/wa/media.h"

namespace konekwa::wa {

// Names a message. As on the wire: `from_me` and `chat` are the view of whoever sent the message that holds the key.
struct MessageKey {
  std::string chat;
  bool from_me = false;
  std::string id;
  std::string participant;                   // the author in a group; may be empty
};

struct Quote {
  std::string id;
  std::string participant;                   // the author, without a device
  std::string chat;                          // empty: the chat of the reply
  Bytes message;                             // serialized Message as quoted_form makes it; empty when it was unreadable
};

// contextInfo, whichever field carries it.
struct Context {
  std::optional<Quote> quote;
  std::vector<std::string> mentions;         // JIDs
  bool mentions_all = false;
  std::uint32_t forwarding_score = 0;        // 127: "forwarded many times"
  bool is_forwarded = false;
  std::uint32_t expiration_s = 0;            // disappearing messages: the chat's timer
  std::int64_t expiration_set_at_s = 0;

  bool is_empty() const;                     // then a text can be a bare conversation
};

struct MediaContent {
  MediaFile file;
  bool is_voice = false, is_gif = false, is_video_note = false, is_animated = false;
  std::uint32_t width = 0, height = 0, seconds = 0, page_count = 0;
  Bytes thumbnail;                           // JPEG (stickers: PNG), < 10 KiB out
  Bytes waveform;                            // 64 octets of 0..100, or empty
  std::string filename;                      // documents
};

struct LocationContent {
  double latitude = 0, longitude = 0;        // finite and on the globe
  std::string name, address, url;
  bool is_live = false;
  std::uint32_t accuracy_m = 0;
  Bytes thumbnail;
  std::int64_t live_sequence = 0;
};

struct ContactCard { std::string display_name, vcard; };

struct PollContent {                         // the question is Content::text
  std::vector<std::string> options;
  std::uint32_t selectable = 0;              // 0: any number
};

struct EventContent {                        // the name is Content::text
  std::string description, location_name, join_link;
  std::int64_t starts_at_s = 0, ends_at_s = 0;
  bool is_canceled = false;
};

// What somebody chose of the buttons or rows of a business; Content::text is the title.
struct ChoiceReply {
  std::string kind;                          // "button", "list", "template", "interactive"
  std::string id, title, description;
  std::string params_json;                   // "interactive": the answer of a form, as it was sent
};

struct GroupInvite {
  std::string group, code, group_name;
  std::int64_t expires_at_s = 0;
};

struct LinkPreview {
  std::string matched_text;                  // the URL, as it stands in the text
  std::string title, description;
  Bytes thumbnail;
};

// Encrypted under a key of the target's message secret; see open_secret_payload.
struct SecretPayload {
  std::string use;                           // "Poll Vote", "Enc Reaction", "Message Edit", ...
  Bytes payload, iv;
};

struct SenderKey {
  std::string group;
  Bytes distribution;                        // Signal's SenderKeyDistributionMessage, version octet in front
};

// What a decrypted message says.
struct Content {
  enum class Kind : std::uint8_t {
    Text,            // conversation, extendedTextMessage; also what businesses send, with its readable body
    Media,
    Location,
    Contact,         // one or several
    Poll,
    Choice,          // the answer to buttons or a list
    GroupInvite,
    Reaction,        // `target`, and the emoji in `text` or, encrypted, a `secret_payload` (see parse_reaction)
    Edit,            // `target`, and `edited` or, encrypted, a `secret_payload` that opens to a Message with the edit
    Revoke,          // `target` is deleted for everyone
    PollVote,        // `target` is the poll, `secret_payload` opens to what parse_poll_vote reads
    PinOrKeep,
    Event,
    Protocol,        // keys, history, settings between own devices; `protocol_type` says which
    KeyDistribution, // only a sender key
    Unsupported      // something people send that this version does not render; `type_name` names it
  };
  Kind kind = Kind::Unsupported;
  std::string text;                          // body, caption, question, chosen title, emoji ("": taken back)
  int protocol_type = -1;                    // ProtocolMessage.Type
  std::string type_name;                     // "image", "live_location", ...: the field's name without "Message"
  // Set when this is a copy of what another device of the account sent: the chat it went to.
  std::optional<Jid> sent_to;
  Bytes message;                             // the inner serialized Message, to be kept or resent

  std::optional<MediaContent> media;
  std::optional<LocationContent> location;
  std::vector<ContactCard> contacts;
  std::optional<PollContent> poll;
  std::optional<EventContent> event;
  std::optional<ChoiceReply> choice;
  std::optional<GroupInvite> invite;
  std::optional<LinkPreview> preview;
  std::optional<MessageKey> target;          // Reaction, Edit, Revoke, PollVote, PinOrKeep; id is never empty
  Bytes edited;                              // Edit: the new serialized Message (parse_content again)
  std::int64_t acted_at_ms = 0;              // Reaction, Edit, PollVote, PinOrKeep: by the clock of whoever did it
  bool is_undone = false;                    // PinOrKeep: unpinned, no longer kept
  std::uint32_t pin_duration_s = 0;          // PinOrKeep: of a pin
  std::optional<SecretPayload> secret_payload;
  std::optional<SenderKey> sender_key;       // beside any kind
  Context context;
  Bytes message_secret;                      // 32 octets, empty: none
  bool is_view_once = false;
  bool is_ephemeral = false;                 // it was in an ephemeralMessage or has an expiration
};

// Unwraps deviceSentMessage, ephemeral, view once and the like, 8 deep at most. PROTOCOL: damaged, nested too deep for
// protobuf, or a text that is not UTF-8.
Result<Content> parse_content(ByteView message);

// Writes Text, Media, Location, Contact, Poll, Choice, GroupInvite, Event, Reaction, Edit, Revoke, PollVote and
// PinOrKeep with their context; view once media in its wrapper. A `message_secret` (32 octets or empty) goes beside it.
// For reactions, edits and revokes `target` and `acted_at_ms` are set by the caller. The others assert.
Bytes encode_content(const Content& content, ByteView message_secret);

// The attributes that a stanza with this content must have, as WhatsApp Web sets them. "": the attribute is absent.
struct StanzaType {
  std::string type;                          // of <message>: "text", "media", "poll", "event", "reaction"
  std::string mediatype;                     // of every <enc>
  std::string edit;                          // of <message>: "1" edit, "2" pin, "7" own revoke, "8" admin's
  bool hides_decrypt_failure = false;        // decrypt-fail="hide" on every <enc>
  std::vector<std::pair<std::string, std::string>> meta;  // attributes of <meta>; empty: no such child
};
StanzaType stanza_type(const Content& content);

// What goes into Quote.message: unwrapped, without context and secrets, thumbnails kept when < 10 KiB. Empty when
// `message` is no Message.
Bytes quoted_form(ByteView message);

// Message-secret crypto: HKDF over the secret, then AES-256-GCM. JIDs without device; the caller tries them as
// received, then both as LIDs, then both as phone numbers. PROTOCOL when no key fits.
Result<Bytes> open_secret_payload(const SecretPayload& payload, ByteView parent_secret, const std::string& parent_id,
                                  const std::string& parent_author, const std::string& actor);
SecretPayload seal_secret_payload(const std::string& use, ByteView plain, ByteView parent_secret,
                                  const std::string& parent_id, const std::string& parent_author,
                                  const std::string& actor, Random& random);
std::vector<Bytes> parse_poll_vote(ByteView plain);   // hashes of the chosen options; empty: withdrawn (or damaged)
Bytes encode_poll_vote(const std::vector<Bytes>& option_hashes);
Bytes poll_option_hash(const std::string& option);
Result<std::string> parse_reaction(ByteView plain);   // of an opened "Enc Reaction": the emoji, "": taken back

Bytes encode_text(const std::string& text);                                    // Message{conversation}
// Message{extendedTextMessage, messageContextInfo}, as other clients write text.
Bytes encode_text_with_secret(const std::string& text, ByteView secret);
Bytes wrap_device_sent(ByteView message, const Jid& destination);              // Message{deviceSentMessage}

Bytes pad(ByteView message, Random& random);                                   // 1..16 octets, each the count
Result<Bytes> unpad(ByteView padded);                                          // accepts 1..255, all equal

// For the phones of the sandbox.
Bytes encode_app_state_key_share(ByteView key_id, ByteView key_data, Time now);
enum class HistorySyncType { InitialBootstrap = 0, Recent = 3, PushName = 4 };
// A history sync notification with the (empty) history inline, zlib-compressed.
Bytes encode_history_notification(HistorySyncType type, std::uint32_t chunk_order, std::uint32_t progress);

}  // namespace konekwa::wa
