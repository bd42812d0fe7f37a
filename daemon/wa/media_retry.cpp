// Media retry, as the companion and the phone see it:
//
//   <receipt id=MESSAGE to=own account type="server-error">
//     <encrypt><enc_p>sealed ServerErrorReceipt</enc_p><enc_iv>12 octets</enc_iv></encrypt>
//     <rmr jid=CHAT from_me=true|false [participant=AUTHOR]/></receipt>
//   <notification id=MESSAGE type="mediaretry" from=phone>
//     <encrypt>...sealed MediaRetryNotification...</encrypt> or <error code=RESULT/>, <rmr .../></notification>
//
// Sealed: AES-256-GCM under HKDF-SHA256(media key, "WhatsApp Media Retry Notification", 32), with the message's id as
// additional data.
#include "daemon/wa/keys.h"
#include "daemon/wa/media.h"
#include "daemon/wa/proto_bytes.h"
#include "proto/media.pb.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kMediaKeySize = 32;
constexpr std::size_t kIvSize = 12;
constexpr std::string_view kKeyInfo = "WhatsApp Media Retry Notification";
using Sealed = proto::MediaRetryNotification;

std::string error_text(std::int64_t result) {
  switch (result) {
    case Sealed::NOT_FOUND: return "the phone does not have the file";
    case Sealed::DECRYPTION_ERROR: return "the phone could not read the request";
    default: return "the phone could not upload the file again";
  }
}

tl::unexpected<Error> refused(std::int64_t result) {
  const auto code = result == Sealed::NOT_FOUND ? ErrorCode::NOT_FOUND : ErrorCode::MEDIA_DOWNLOAD_FAILED;
  return fail(code, error_text(result));
}

Key retry_key(ByteView media_key) { return *to_array<32>(hkdf_sha256(media_key, {}, kKeyInfo, 32)); }

Node sealed_node(ByteView media_key, const std::string& message_id, ByteView plain, Random& random) {
  const Bytes iv = random.bytes(kIvSize);
  Node encrypt("encrypt");
  encrypt.add(Node("enc_p", {}, aes_gcm_seal(retry_key(media_key), iv, as_bytes(message_id), plain)));
  encrypt.add(Node("enc_iv", {}, iv));
  return encrypt;
}

Result<Bytes> open_sealed(const Node& stanza, ByteView media_key) {
  if (media_key.size() != kMediaKeySize) return fail(ErrorCode::PROTOCOL, "a media key has 32 octets");
  const Node* encrypt = stanza.child("encrypt");
  const Node* sealed = encrypt ? encrypt->child("enc_p") : nullptr;
  const Node* iv = encrypt ? encrypt->child("enc_iv") : nullptr;
  if (!sealed || !iv || iv->bytes().size() != kIvSize) {
    return fail(ErrorCode::PROTOCOL, "a media retry without its sealed part");
  }
  return aes_gcm_open(retry_key(media_key), iv->bytes(), as_bytes(stanza.attr("id")), sealed->bytes());
}

Node rmr_node(const Jid& chat, bool from_me, const std::optional<Jid>& participant) {
  Node rmr("rmr");
  rmr.set("jid", chat).set("from_me", from_me ? "true" : "false");
  if (participant) rmr.set("participant", *participant);
  return rmr;
}

Node notification_for(const MediaRetryRequest& request, const Jid& phone) {
  Node notification("notification");
  notification.set("id", request.message_id).set("from", phone).set("type", "mediaretry");
  return notification;
}

// Absent is fine: what was sealed is bound to the stanza's id already.
bool is_for(const std::string& inner_id, const std::string& id) { return inner_id.empty() || inner_id == id; }

}  // namespace

Node media_retry_receipt(const std::string& message_id, const Jid& own, const Jid& chat, bool from_me,
                         const std::optional<Jid>& participant, ByteView media_key, Random& random) {
  proto::ServerErrorReceipt plain;
  plain.set_stanza_id(message_id);
  Node receipt("receipt");
  receipt.set("id", message_id).set("to", own.user_jid()).set("type", "server-error");
  receipt.add(sealed_node(media_key, message_id, serialize(plain), random));
  receipt.add(rmr_node(chat, from_me, participant));
  return receipt;
}

std::optional<std::string> media_retry_id(const Node& notification) {
  const std::string id = notification.attr("id");
  if (notification.tag != "notification" || notification.attr("type") != "mediaretry" || id.empty()) {
    return std::nullopt;
  }
  return id;
}

Result<MediaRetryAnswer> parse_media_retry(const Node& notification, ByteView media_key) {
  const auto id = media_retry_id(notification);
  if (!id) return fail(ErrorCode::PROTOCOL, "not a media retry");
  if (const Node* error = notification.child("error")) {
    return refused(error->number("code").value_or(Sealed::GENERAL_ERROR));
  }
  const auto plain = open_sealed(notification, media_key);
  if (!plain) return fail(plain.error());
  Sealed answer;
  if (!parse(*plain, answer) || !is_for(answer.stanza_id(), *id)) {
    return fail(ErrorCode::PROTOCOL, "a media retry is damaged");
  }
  if (answer.result() != Sealed::SUCCESS) return refused(answer.result());
  if (!is_direct_path(answer.direct_path())) return fail(ErrorCode::PROTOCOL, "a media retry without a direct path");
  return MediaRetryAnswer{*id, answer.direct_path()};
}

std::optional<MediaRetryRequest> parse_media_retry_receipt(const Node& receipt) {
  const Node* rmr = receipt.child("rmr");
  const auto chat = rmr ? rmr->jid("jid") : std::nullopt;
  MediaRetryRequest request;
  request.message_id = receipt.attr("id");
  if (receipt.attr("type") != "server-error" || !chat || request.message_id.empty()) return std::nullopt;
  request.chat = *chat;
  request.from_me = rmr->attr("from_me") == "true";
  request.participant = rmr->jid("participant");
  return request;
}

Result<std::string> open_media_retry_receipt(const Node& receipt, ByteView media_key) {
  const auto plain = open_sealed(receipt, media_key);
  if (!plain) return fail(plain.error());
  proto::ServerErrorReceipt request;
  if (!parse(*plain, request)) return fail(ErrorCode::PROTOCOL, "a media retry is damaged");
  return request.stanza_id();
}

Node media_retry_notification(const MediaRetryRequest& request, const Jid& phone, MediaRetryResult result,
                              const std::string& direct_path, ByteView media_key, Random& random) {
  Sealed plain;
  plain.set_stanza_id(request.message_id);
  plain.set_result(static_cast<Sealed::ResultType>(result));
  if (result == MediaRetryResult::Success) plain.set_direct_path(direct_path);
  Node notification = notification_for(request, phone);
  notification.add(sealed_node(media_key, request.message_id, serialize(plain), random));
  notification.add(rmr_node(request.chat, request.from_me, request.participant));
  return notification;
}

Node media_retry_refusal(const MediaRetryRequest& request, const Jid& phone, MediaRetryResult result) {
  Node error("error");
  error.set_number("code", static_cast<std::int64_t>(result));
  Node notification = notification_for(request, phone);
  notification.add(std::move(error));
  notification.add(rmr_node(request.chat, request.from_me, request.participant));
  return notification;
}

}  // namespace konekwa::wa
