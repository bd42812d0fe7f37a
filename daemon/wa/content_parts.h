// What the files content_*.cpp share among themselves: readers of the kinds, and the limits of what a peer may send.
#pragma once

#include <initializer_list>
#include <string>

#include "daemon/wa/content.h"

namespace konekwa::wa::proto {
class AudioMessage;
class ButtonsMessage;
class ButtonsResponseMessage;
class ContactMessage;
class ContactsArrayMessage;
class ContextInfo;
class DocumentMessage;
class EventMessage;
class ExtendedTextMessage;
class GroupInviteMessage;
class HighlyStructuredMessage;
class ImageMessage;
class InteractiveMessage;
class InteractiveResponseMessage;
class KeepInChatMessage;
class ListMessage;
class ListResponseMessage;
class LiveLocationMessage;
class LocationMessage;
class Message;
class MessageKey;
class PinInChatMessage;
class PollCreationMessage;
class PollUpdateMessage;
class ProtocolMessage;
class ReactionMessage;
class SecretMessage;
class StickerMessage;
class TemplateButtonReplyMessage;
class TemplateMessage;
class VideoMessage;
}  // namespace konekwa::wa::proto

namespace konekwa::wa::content_parts {

inline constexpr std::size_t kTextMax = 4 * 65536;              // octets; clients stop at 65,536 characters
inline constexpr std::size_t kNameMax = 4096;                   // octets of names, titles, addresses, URLs
inline constexpr std::size_t kThumbnailMax = 64 * 1024;         // in
inline constexpr std::size_t kThumbnailOutMax = 10 * 1024 - 1;  // it travels inside of every ciphertext
inline constexpr std::size_t kSecretSize = 32;

// --- strings of peers (content_strings.cpp) ---
std::string text_of(const std::string& text);                   // cut to kTextMax; not checked for UTF-8
std::string name_of(const std::string& text);                   // cut to kNameMax; "" when it is not UTF-8
std::string vcard_of(const std::string& text);                  // cut to kTextMax; "" when it is not UTF-8
std::string jid_of(const std::string& text);                    // "" when it has not the form of a JID
Bytes thumbnail_of(const std::string& octets);                  // empty when larger than kThumbnailMax
std::int64_t seconds_of(std::int64_t seconds);                  // 0 when outside of the years 1970 to 9999
std::int64_t milliseconds_of(std::int64_t milliseconds);
std::string lines(std::initializer_list<std::string> parts);    // a line each, without the empty ones

// --- wrappers (content_unwrap.cpp) ---
struct Unwrapped {
  const proto::Message* message = nullptr;                      // lives in what was unwrapped
  int wrapper = 0;                                              // the field of the innermost wrapper; 0: there is none
  bool is_view_once = false, is_ephemeral = false;
  Bytes secret;                                                 // of the innermost messageContextInfo that has one
};
Unwrapped unwrap(const proto::Message& message);

// --- contexts (content_context.cpp) ---
const proto::ContextInfo* find_context(const proto::Message& message);  // of the first field that carries one
Context read_context(const proto::ContextInfo& info);
void write_context(const Context& context, proto::ContextInfo& info);

// --- keys of messages (content_actions.cpp) ---
std::optional<MessageKey> read_key(const proto::MessageKey& key);       // nothing when it has no id
void write_key(const MessageKey& key, proto::MessageKey& to);

// --- kinds: each sets `kind` and what belongs to it, or leaves all as it is when the field makes no sense ---
void read(const proto::ExtendedTextMessage& text, Content& content);    // content_parse.cpp
void read(const proto::ImageMessage& image, Content& content);          // content_media.cpp
void read(const proto::VideoMessage& video, Content& content);
void read(const proto::AudioMessage& audio, Content& content);
void read(const proto::DocumentMessage& document, Content& content);
void read(const proto::StickerMessage& sticker, Content& content);
void read(const proto::LocationMessage& location, Content& content);    // content_places.cpp
void read(const proto::LiveLocationMessage& location, Content& content);
void read(const proto::ContactMessage& contact, Content& content);
void read(const proto::ContactsArrayMessage& contacts, Content& content);
void read(const proto::GroupInviteMessage& invite, Content& content);
void read(const proto::EventMessage& event, Content& content);
void read(const proto::PollCreationMessage& poll, Content& content);    // content_actions.cpp
void read(const proto::PollUpdateMessage& update, Content& content);
void read(const proto::ReactionMessage& reaction, Content& content);
void read(const proto::KeepInChatMessage& keep, Content& content);
void read(const proto::PinInChatMessage& pin, Content& content);
void read(const proto::ProtocolMessage& protocol, Content& content);
void read_encrypted(const proto::SecretMessage& secret, Content::Kind kind, const char* use, Content& content);
void read_encrypted_edit(const proto::SecretMessage& secret, Content& content);
void read(const proto::ButtonsMessage& buttons, Content& content);      // content_business.cpp
void read(const proto::ListMessage& list, Content& content);
void read(const proto::TemplateMessage& message, Content& content);
void read(const proto::HighlyStructuredMessage& message, Content& content);
void read(const proto::InteractiveMessage& interactive, Content& content);
void read(const proto::ButtonsResponseMessage& response, Content& content);
void read(const proto::ListResponseMessage& response, Content& content);
void read(const proto::TemplateButtonReplyMessage& reply, Content& content);
void read(const proto::InteractiveResponseMessage& response, Content& content);

// --- media, out (content_media.cpp) ---
void write_media(const Content& content, proto::Message& message);

}  // namespace konekwa::wa::content_parts
