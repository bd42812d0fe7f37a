// Which kind of content a Message holds.
#include "daemon/wa/content_names.h"
#include "daemon/wa/content_parts.h"
#include "daemon/wa/proto_bytes.h"
#include "daemon/wa/utf8.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include "proto/e2e.pb.h"

namespace konekwa::wa::content_parts {

void read(const proto::ExtendedTextMessage& text, Content& content) {
  content.kind = Content::Kind::Text;
  content.text = text_of(text.text());
  content.is_view_once |= text.view_once();
  if (text.matched_text().empty()) return;
  content.preview = LinkPreview{name_of(text.matched_text()), name_of(text.title()), name_of(text.description()),
                                thumbnail_of(text.jpeg_thumbnail())};
}

namespace {

using Kind = Content::Kind;

struct Reader {
  int field;
  bool (proto::Message::*has)() const;
  void (*read)(const proto::Message& message, Content& content);
};

void read_text(const std::string& conversation, Content& content) {
  content.kind = Kind::Text;
  content.text = text_of(conversation);
}

void read_video_note(const proto::VideoMessage& video, Content& content) {
  read(video, content);
  if (content.media) content.media->is_video_note = true;
}

void read_event_answer(const proto::SecretMessage& secret, Content& content) {
  read_encrypted(secret, Kind::Unsupported, "Event Response", content);
}

void read_comment(const proto::SecretMessage& secret, Content& content) {
  read_encrypted(secret, Kind::Unsupported, "Enc Comment", content);
}

void read_reaction(const proto::SecretMessage& secret, Content& content) {
  read_encrypted(secret, Kind::Reaction, "Enc Reaction", content);
}

template <class Message>
void name_only(const Message& /*unrendered*/, Content& /*content*/) {}

#define KONEKWA_READER(number, name, reader) \
  { number, &proto::Message::has_##name, [](const proto::Message& m, Content& c) { reader(m.name(), c); } }

// In this order, should a message hold several.
constexpr Reader kReaders[] = {
    KONEKWA_READER(1, conversation, read_text),
    KONEKWA_READER(6, extended_text_message, read),
    KONEKWA_READER(12, protocol_message, read),
    KONEKWA_READER(3, image_message, read),
    KONEKWA_READER(4, contact_message, read),
    KONEKWA_READER(5, location_message, read),
    KONEKWA_READER(7, document_message, read),
    KONEKWA_READER(8, audio_message, read),
    KONEKWA_READER(9, video_message, read),
    KONEKWA_READER(13, contacts_array_message, read),
    KONEKWA_READER(14, highly_structured_message, read),
    KONEKWA_READER(18, live_location_message, read),
    KONEKWA_READER(25, template_message, read),
    KONEKWA_READER(26, sticker_message, read),
    KONEKWA_READER(28, group_invite_message, read),
    KONEKWA_READER(29, template_button_reply_message, read),
    KONEKWA_READER(30, product_message, name_only),
    KONEKWA_READER(36, list_message, read),
    KONEKWA_READER(38, order_message, name_only),
    KONEKWA_READER(39, list_response_message, read),
    KONEKWA_READER(42, buttons_message, read),
    KONEKWA_READER(43, buttons_response_message, read),
    KONEKWA_READER(45, interactive_message, read),
    KONEKWA_READER(46, reaction_message, read),
    KONEKWA_READER(48, interactive_response_message, read),
    KONEKWA_READER(49, poll_creation_message, read),
    KONEKWA_READER(50, poll_update_message, read),
    KONEKWA_READER(51, keep_in_chat_message, read),
    KONEKWA_READER(54, request_phone_number_message, name_only),
    KONEKWA_READER(56, enc_reaction_message, read_reaction),
    KONEKWA_READER(60, poll_creation_message_v2, read),
    KONEKWA_READER(63, pin_in_chat_message, read),
    KONEKWA_READER(64, poll_creation_message_v3, read),
    KONEKWA_READER(66, ptv_message, read_video_note),
    KONEKWA_READER(71, enc_comment_message, read_comment),
    KONEKWA_READER(75, event_message, read),
    KONEKWA_READER(76, enc_event_response_message, read_event_answer),
    KONEKWA_READER(78, newsletter_admin_invite_message, name_only),
    KONEKWA_READER(82, secret_encrypted_message, read_encrypted_edit),
    KONEKWA_READER(83, album_message, name_only),
    KONEKWA_READER(86, sticker_pack_message, name_only),
    KONEKWA_READER(88, poll_result_snapshot_message, name_only),
    KONEKWA_READER(111, poll_creation_message_v5, read),
    KONEKWA_READER(113, newsletter_follower_invite_message, name_only),
    KONEKWA_READER(119, poll_creation_message_v6, read),
    KONEKWA_READER(122, event_invite_message, name_only),
};

#undef KONEKWA_READER

bool is_nameless(int field) { return field == 1 || field == 6 || field == 12; }

// The number of the first field that our schema does not have, or 0.
int first_unknown_field(const proto::Message& message) {
  const std::string& fields = message.unknown_fields();
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(fields.data()),
                                                static_cast<int>(fields.size()));
  return google::protobuf::internal::WireFormatLite::GetTagFieldNumber(stream.ReadTag());
}

void describe(const proto::Message& message, int wrapper, Content& content) {
  for (const Reader& reader : kReaders) {
    if (!(message.*reader.has)()) continue;
    if (!is_nameless(reader.field)) content.type_name = content_name(reader.field);
    reader.read(message, content);
    return;
  }
  if (const int field = first_unknown_field(message); field != 0) {
    content.type_name = content_name(field);
    return;
  }
  if (message.has_sender_key_distribution_message() || message.has_fast_ratchet_sender_key_distribution_message()) {
    content.kind = Kind::KeyDistribution;
    return;
  }
  content.type_name = wrapper != 0 ? content_name(wrapper) : "empty";
}

void take_sender_key(const proto::Message& message, Content& content) {
  const proto::SenderKeyDistributionMessage& key = message.sender_key_distribution_message();
  const std::string group = jid_of(key.group_id());
  if (group.empty() || key.axolotl_sender_key_distribution_message().empty()) return;
  content.sender_key = SenderKey{group, to_bytes(key.axolotl_sender_key_distribution_message())};
}

void take_context(const proto::Message& message, Content& content) {
  const std::uint32_t timer_s = content.context.expiration_s;  // of a protocolMessage
  const proto::ContextInfo* info = find_context(message);
  if (info) content.context = read_context(*info);
  if (timer_s == 0 && content.context.expiration_s > 0) content.is_ephemeral = true;
}

std::uint32_t pin_duration(const proto::Message& message) {
  return message.message_context_info().message_add_on_duration_in_secs();
}

// Takes a message out of its deviceSentMessage. The secret of the message stays outside of that, so it moves along.
proto::Message without_device_sent(const proto::Message& outer) {
  proto::Message inner = outer.device_sent_message().message();
  if (outer.has_message_context_info() && !inner.has_message_context_info()) {
    *inner.mutable_message_context_info() = outer.message_context_info();
  }
  return inner;
}

Result<Content> read_message(ByteView bytes) {
  proto::Message message;
  if (!parse(bytes, message)) return fail(ErrorCode::PROTOCOL, "the decrypted message is not a Message");
  Content content;
  content.message = to_bytes(bytes);
  take_sender_key(message, content);
  if (message.has_device_sent_message()) {
    content.sent_to = Jid::parse(message.device_sent_message().destination_jid());
    if (!content.sent_to) return fail(ErrorCode::PROTOCOL, "deviceSentMessage has no destination");
    message = without_device_sent(message);
    if (message.has_device_sent_message()) return fail(ErrorCode::PROTOCOL, "a deviceSentMessage inside of another");
    content.message = serialize(message);
    take_sender_key(message, content);
  }
  const Unwrapped inside = unwrap(message);
  content.is_view_once = inside.is_view_once;
  content.is_ephemeral = inside.is_ephemeral;
  content.message_secret = inside.secret;
  describe(*inside.message, inside.wrapper, content);
  if (content.kind == Kind::PinOrKeep) content.pin_duration_s = pin_duration(message);
  take_context(*inside.message, content);
  if (!is_utf8(content.text)) return fail(ErrorCode::PROTOCOL, "the text is not UTF-8");
  return content;
}

}  // namespace
}  // namespace konekwa::wa::content_parts

namespace konekwa::wa {

Result<Content> parse_content(ByteView message) { return content_parts::read_message(message); }

}  // namespace konekwa::wa
