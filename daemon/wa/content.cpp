#include "daemon/wa/content.h"

#include "daemon/wa/content_names.h"
#include "daemon/wa/node_codec.h"
#include "daemon/wa/proto_bytes.h"
#include "daemon/wa/utf8.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include "proto/e2e.pb.h"
#include "proto/history.pb.h"

#include <algorithm>

namespace konekwa::wa {
namespace {

constexpr int kWrappersMax = 8;
constexpr int kHistorySyncNotification = 5;
constexpr int kAppStateSyncKeyShare = 6;

// --- reading ---

using FutureProof = const proto::FutureProofMessage&;
struct Wrapper {
  bool (proto::Message::*has)() const;
  FutureProof (proto::Message::*get)() const;
};
constexpr Wrapper kWrappers[] = {
    {&proto::Message::has_ephemeral_message, &proto::Message::ephemeral_message},
    {&proto::Message::has_view_once_message, &proto::Message::view_once_message},
    {&proto::Message::has_view_once_message_v2, &proto::Message::view_once_message_v2},
    {&proto::Message::has_view_once_message_v2_extension, &proto::Message::view_once_message_v2_extension},
    {&proto::Message::has_document_with_caption_message, &proto::Message::document_with_caption_message},
    {&proto::Message::has_edited_message, &proto::Message::edited_message},
    {&proto::Message::has_group_mentioned_message, &proto::Message::group_mentioned_message},
    {&proto::Message::has_bot_invoke_message, &proto::Message::bot_invoke_message},
    {&proto::Message::has_lottie_sticker_message, &proto::Message::lottie_sticker_message},
};

const proto::Message* wrapped_message(const proto::Message& message) {
  for (const Wrapper& wrapper : kWrappers) {
    if ((message.*wrapper.has)()) return &(message.*wrapper.get)().message();
  }
  return nullptr;
}

// The number of the first field that our schema does not have, or 0.
int first_unknown_field(const proto::Message& message) {
  const std::string& fields = message.unknown_fields();
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(fields.data()),
                                                static_cast<int>(fields.size()));
  return google::protobuf::internal::WireFormatLite::GetTagFieldNumber(stream.ReadTag());
}

void describe(const proto::Message& message, Content& content) {
  if (message.has_conversation() || message.has_extended_text_message()) {
    content.kind = Content::Kind::Text;
    content.text = message.has_conversation() ? message.conversation() : message.extended_text_message().text();
    return;
  }
  if (message.has_protocol_message()) {
    content.kind = Content::Kind::Protocol;
    content.protocol_type = message.protocol_message().type();
    return;
  }
  if (const int field = first_unknown_field(message); field != 0) {
    content.type_name = content_name(field);
    return;
  }
  if (message.has_sender_key_distribution_message() || message.has_fast_ratchet_sender_key_distribution_message()) {
    content.kind = Content::Kind::KeyDistribution;
    return;
  }
  content.type_name = "empty";
}

// Takes a message out of its deviceSentMessage. The secret of the message stays outside of that, so it moves along.
proto::Message without_device_sent(const proto::Message& outer) {
  proto::Message inner = outer.device_sent_message().message();
  if (outer.has_message_context_info() && !inner.has_message_context_info()) {
    *inner.mutable_message_context_info() = outer.message_context_info();
  }
  return inner;
}

}  // namespace

Result<Content> parse_content(ByteView bytes) {
  proto::Message message;
  if (!parse(bytes, message)) {
    return fail(ErrorCode::PROTOCOL, "the decrypted message is not a Message");
  }
  Content content;
  content.message = to_bytes(bytes);
  if (message.has_device_sent_message()) {
    content.sent_to = Jid::parse(message.device_sent_message().destination_jid());
    if (!content.sent_to) return fail(ErrorCode::PROTOCOL, "deviceSentMessage has no destination");
    message = without_device_sent(message);
    content.message = serialize(message);
  }
  const proto::Message* innermost = &message;
  for (int i = 0; i < kWrappersMax; ++i) {
    const proto::Message* next = wrapped_message(*innermost);
    if (!next) break;
    innermost = next;
  }
  describe(*innermost, content);
  if (!is_utf8(content.text)) return fail(ErrorCode::PROTOCOL, "the text is not UTF-8");
  return content;
}

Result<Bytes> unpad(ByteView padded) {
  if (padded.empty()) return fail(ErrorCode::PROTOCOL, "the decrypted message is empty");
  const std::size_t count = padded.back();
  const bool fits = count >= 1 && count <= padded.size();
  const auto is_padding = [&](std::uint8_t octet) { return octet == count; };
  if (!fits || !std::all_of(padded.end() - static_cast<std::ptrdiff_t>(count), padded.end(), is_padding)) {
    return fail(ErrorCode::PROTOCOL, "bad message padding");
  }
  return to_bytes(padded.first(padded.size() - count));
}

// --- writing ---

Bytes encode_text(const std::string& text) {
  proto::Message message;
  message.set_conversation(text);
  return serialize(message);
}

Bytes encode_text_with_secret(const std::string& text, ByteView secret) {
  proto::Message message;
  message.mutable_extended_text_message()->set_text(text);
  message.mutable_message_context_info()->set_message_secret(field(secret));
  return serialize(message);
}

Bytes wrap_device_sent(ByteView bytes, const Jid& destination) {
  proto::Message message;
  KONEKWA_ASSERT(parse(bytes, *message.mutable_device_sent_message()->mutable_message()));
  message.mutable_device_sent_message()->set_destination_jid(to_string(destination));
  const proto::Message& inner = message.device_sent_message().message();
  if (inner.has_message_context_info()) *message.mutable_message_context_info() = inner.message_context_info();
  return serialize(message);
}

Bytes pad(ByteView message, Random& random) {
  const auto count = static_cast<std::uint8_t>(1 + random.below(16));
  return concat({message, Bytes(count, count)});
}

Bytes encode_app_state_key_share(ByteView key_id, ByteView key_data, Time now) {
  proto::Message message;
  proto::ProtocolMessage& protocol = *message.mutable_protocol_message();
  protocol.set_type(kAppStateSyncKeyShare);
  proto::AppStateSyncKey& key = *protocol.mutable_app_state_sync_key_share()->add_keys();
  key.mutable_key_id()->set_key_id(field(key_id));
  proto::AppStateSyncKeyData& data = *key.mutable_key_data();
  data.set_key_data(field(key_data));
  data.mutable_fingerprint()->set_raw_id(1);
  data.mutable_fingerprint()->set_current_index(0);
  data.mutable_fingerprint()->add_device_indexes(0);
  data.set_timestamp(unix_ms(now));
  return serialize(message);
}

Bytes encode_history_notification(HistorySyncType type, std::uint32_t chunk_order, std::uint32_t progress) {
  proto::HistorySync history;
  history.set_sync_type(static_cast<int>(type));
  history.set_chunk_order(chunk_order);
  history.set_progress(progress);
  proto::Message message;
  proto::ProtocolMessage& protocol = *message.mutable_protocol_message();
  protocol.set_type(kHistorySyncNotification);
  proto::HistorySyncNotification& notification = *protocol.mutable_history_sync_notification();
  notification.set_sync_type(static_cast<int>(type));
  notification.set_chunk_order(chunk_order);
  notification.set_progress(progress);
  notification.set_initial_hist_bootstrap_inline_payload(field(zlib_deflate(serialize(history))));
  return serialize(message);
}

}  // namespace konekwa::wa
