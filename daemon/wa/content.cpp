#include "daemon/wa/content.h"

#include "daemon/wa/node_codec.h"
#include "daemon/wa/proto_bytes.h"

#include "proto/e2e.pb.h"
#include "proto/history.pb.h"

#include <algorithm>

namespace konekwa::wa {
namespace {

constexpr int kHistorySyncNotification = 5;
constexpr int kAppStateSyncKeyShare = 6;

}  // namespace

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
