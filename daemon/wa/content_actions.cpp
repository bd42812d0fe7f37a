// Polls, and what is done to other messages: reactions, edits, deletions, votes, pins.
#include "daemon/wa/content_parts.h"

#include "proto/e2e.pb.h"

namespace konekwa::wa::content_parts {
namespace {

constexpr int kPollOptionsMax = 100;  // clients stop at 12
constexpr int kUndo = 2;              // of KeepType and of PinInChatMessage.Type

enum ProtocolType { kRevoke = 0, kEphemeralSetting = 3, kEphemeralSyncResponse = 4, kMessageEdit = 14 };

const char* edit_use(int secret_enc_type) {
  switch (secret_enc_type) {
    case 1: return "Event Edit";
    case 2: return "Message Edit";
    case 4: return "Poll Edit";
    case 5: return "Poll Add Option";
    default: return nullptr;
  }
}

bool take_target(const proto::MessageKey& key, Content::Kind kind, Content& content) {
  auto target = read_key(key);
  if (!target) return false;
  content.kind = kind;
  content.target = std::move(target);
  return true;
}

}  // namespace

std::optional<MessageKey> read_key(const proto::MessageKey& key) {
  MessageKey out{jid_of(key.remote_jid()), key.from_me(), name_of(key.id()), jid_of(key.participant())};
  if (out.id.empty()) return std::nullopt;
  return out;
}

void write_key(const MessageKey& key, proto::MessageKey& to) {
  to.set_remote_jid(key.chat);
  to.set_from_me(key.from_me);
  to.set_id(key.id);
  if (!key.participant.empty()) to.set_participant(key.participant);
}

void read(const proto::PollCreationMessage& message, Content& content) {
  PollContent poll;
  for (const auto& option : message.options()) {
    const std::string name = name_of(option.option_name());
    if (name != option.option_name() || poll.options.size() >= kPollOptionsMax) continue;  // its hash would not fit
    poll.options.push_back(name);
  }
  if (poll.options.empty()) return;
  poll.selectable = message.selectable_options_count();
  content.kind = Content::Kind::Poll;
  content.text = text_of(message.name());
  content.poll = std::move(poll);
}

void read(const proto::PollUpdateMessage& update, Content& content) {
  if (!take_target(update.poll_creation_message_key(), Content::Kind::PollVote, content)) return;
  content.acted_at_ms = milliseconds_of(update.sender_timestamp_ms());
  content.secret_payload =
      SecretPayload{"Poll Vote", to_bytes(update.vote().enc_payload()), to_bytes(update.vote().enc_iv())};
}

void read(const proto::ReactionMessage& reaction, Content& content) {
  if (!take_target(reaction.key(), Content::Kind::Reaction, content)) return;
  content.text = text_of(reaction.text());
  content.acted_at_ms = milliseconds_of(reaction.sender_timestamp_ms());
}

void read(const proto::KeepInChatMessage& keep, Content& content) {
  if (!take_target(keep.key(), Content::Kind::PinOrKeep, content)) return;
  content.acted_at_ms = milliseconds_of(keep.timestamp_ms());
  content.is_undone = keep.keep_type() == kUndo;
}

void read(const proto::PinInChatMessage& pin, Content& content) {
  if (!take_target(pin.key(), Content::Kind::PinOrKeep, content)) return;
  content.acted_at_ms = milliseconds_of(pin.sender_timestamp_ms());
  content.is_undone = pin.type() == kUndo;
}

void read(const proto::ProtocolMessage& protocol, Content& content) {
  content.kind = Content::Kind::Protocol;
  content.protocol_type = protocol.type();
  if (protocol.type() == kRevoke) {
    take_target(protocol.key(), Content::Kind::Revoke, content);
  } else if (protocol.type() == kMessageEdit && protocol.has_edited_message()) {
    if (!take_target(protocol.key(), Content::Kind::Edit, content)) return;
    content.edited = to_bytes(protocol.edited_message());
    content.acted_at_ms = milliseconds_of(protocol.timestamp_ms());
  } else if (protocol.type() == kEphemeralSetting || protocol.type() == kEphemeralSyncResponse) {
    content.context.expiration_s = protocol.ephemeral_expiration();
    content.context.expiration_set_at_s = seconds_of(protocol.ephemeral_setting_timestamp());
  }
}

void read_encrypted(const proto::SecretMessage& secret, Content::Kind kind, const char* use, Content& content) {
  if (!take_target(secret.target_message_key(), kind, content)) return;
  content.secret_payload = SecretPayload{use, to_bytes(secret.enc_payload()), to_bytes(secret.enc_iv())};
}

void read_encrypted_edit(const proto::SecretMessage& secret, Content& content) {
  const char* use = edit_use(secret.secret_enc_type());
  if (use) read_encrypted(secret, Content::Kind::Edit, use, content);
}

}  // namespace konekwa::wa::content_parts
