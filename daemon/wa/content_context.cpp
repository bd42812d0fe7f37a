// contextInfo: quotes, mentions, forwarding, the timer. And the form in which a message is quoted.
#include "daemon/wa/content_parts.h"
#include "daemon/wa/proto_bytes.h"

#include "proto/e2e.pb.h"

namespace konekwa::wa::content_parts {
namespace {

constexpr int kMentionsMax = 5000;  // the largest groups

// Where a context is, and how it is taken out.
struct Carrier {
  const proto::ContextInfo* (*find)(const proto::Message& message);
  void (*clear)(proto::Message& message);
};

#define KONEKWA_CARRIER(name)                                                                       \
  {                                                                                                 \
    [](const proto::Message& m) -> const proto::ContextInfo* {                                      \
      return m.has_##name() && m.name().has_context_info() ? &m.name().context_info() : nullptr;    \
    },                                                                                              \
        [](proto::Message& m) {                                                                     \
          if (m.has_##name()) m.mutable_##name()->clear_context_info();                             \
        }                                                                                           \
  }

constexpr Carrier kCarriers[] = {
    KONEKWA_CARRIER(extended_text_message),
    KONEKWA_CARRIER(image_message),
    KONEKWA_CARRIER(video_message),
    KONEKWA_CARRIER(ptv_message),
    KONEKWA_CARRIER(audio_message),
    KONEKWA_CARRIER(document_message),
    KONEKWA_CARRIER(sticker_message),
    KONEKWA_CARRIER(location_message),
    KONEKWA_CARRIER(live_location_message),
    KONEKWA_CARRIER(contact_message),
    KONEKWA_CARRIER(contacts_array_message),
    KONEKWA_CARRIER(group_invite_message),
    KONEKWA_CARRIER(poll_creation_message),
    KONEKWA_CARRIER(poll_creation_message_v2),
    KONEKWA_CARRIER(poll_creation_message_v3),
    KONEKWA_CARRIER(poll_creation_message_v5),
    KONEKWA_CARRIER(poll_creation_message_v6),
    KONEKWA_CARRIER(event_message),
    KONEKWA_CARRIER(buttons_message),
    KONEKWA_CARRIER(buttons_response_message),
    KONEKWA_CARRIER(list_message),
    KONEKWA_CARRIER(list_response_message),
    KONEKWA_CARRIER(template_message),
    KONEKWA_CARRIER(template_button_reply_message),
    KONEKWA_CARRIER(interactive_message),
    KONEKWA_CARRIER(interactive_response_message),
    KONEKWA_CARRIER(album_message),
    KONEKWA_CARRIER(sticker_pack_message),
    KONEKWA_CARRIER(product_message),
    KONEKWA_CARRIER(order_message),
    KONEKWA_CARRIER(poll_result_snapshot_message),
    KONEKWA_CARRIER(event_invite_message),
    KONEKWA_CARRIER(newsletter_admin_invite_message),
    KONEKWA_CARRIER(newsletter_follower_invite_message),
    KONEKWA_CARRIER(request_phone_number_message),
};

#undef KONEKWA_CARRIER

template <class Field>
void drop_large_jpeg(bool has, Field* (proto::Message::*field)(), proto::Message& message) {
  if (!has) return;
  Field& picture = *(message.*field)();
  if (picture.jpeg_thumbnail().size() > kThumbnailOutMax) picture.clear_jpeg_thumbnail();
}

void drop_large_thumbnails(proto::Message& m) {
  using Message = proto::Message;
  drop_large_jpeg(m.has_image_message(), &Message::mutable_image_message, m);
  drop_large_jpeg(m.has_video_message(), &Message::mutable_video_message, m);
  drop_large_jpeg(m.has_ptv_message(), &Message::mutable_ptv_message, m);
  drop_large_jpeg(m.has_document_message(), &Message::mutable_document_message, m);
  drop_large_jpeg(m.has_location_message(), &Message::mutable_location_message, m);
  drop_large_jpeg(m.has_live_location_message(), &Message::mutable_live_location_message, m);
  drop_large_jpeg(m.has_extended_text_message(), &Message::mutable_extended_text_message, m);
  drop_large_jpeg(m.has_group_invite_message(), &Message::mutable_group_invite_message, m);
  if (m.sticker_message().png_thumbnail().size() > kThumbnailOutMax) m.mutable_sticker_message()->clear_png_thumbnail();
}

}  // namespace

const proto::ContextInfo* find_context(const proto::Message& message) {
  for (const Carrier& carrier : kCarriers) {
    if (const proto::ContextInfo* info = carrier.find(message)) return info;
  }
  return nullptr;
}

Context read_context(const proto::ContextInfo& info) {
  Context context;
  if (const std::string id = name_of(info.stanza_id()); !id.empty()) {
    context.quote = Quote{id, jid_of(info.participant()), jid_of(info.remote_jid()),
                          quoted_form(as_bytes(info.quoted_message()))};
  }
  for (const std::string& mention : info.mentioned_jid()) {
    const std::string jid = jid_of(mention);
    if (!jid.empty() && context.mentions.size() < kMentionsMax) context.mentions.push_back(jid);
  }
  context.mentions_all = info.non_jid_mentions() == 1;
  context.forwarding_score = info.forwarding_score();
  context.is_forwarded = info.is_forwarded();
  context.expiration_s = info.expiration();
  context.expiration_set_at_s = seconds_of(info.ephemeral_setting_timestamp());
  return context;
}

void write_context(const Context& context, proto::ContextInfo& info) {
  if (context.quote) {
    info.set_stanza_id(context.quote->id);
    if (!context.quote->participant.empty()) info.set_participant(context.quote->participant);
    if (!context.quote->chat.empty()) info.set_remote_jid(context.quote->chat);
    if (!context.quote->message.empty()) info.set_quoted_message(field(context.quote->message));
  }
  for (const std::string& jid : context.mentions) info.add_mentioned_jid(jid);
  if (context.mentions_all) info.set_non_jid_mentions(1);
  if (context.forwarding_score > 0) info.set_forwarding_score(context.forwarding_score);
  if (context.is_forwarded) info.set_is_forwarded(true);
  if (context.expiration_s > 0) info.set_expiration(context.expiration_s);
  if (context.expiration_set_at_s > 0) info.set_ephemeral_setting_timestamp(context.expiration_set_at_s);
}

Bytes without_context(ByteView bytes) {
  proto::Message message;
  if (!parse(bytes, message)) return {};
  const bool is_copy = message.has_device_sent_message();
  proto::Message inner = *unwrap(is_copy ? message.device_sent_message().message() : message).message;
  inner.clear_device_sent_message();
  inner.clear_message_context_info();
  inner.clear_sender_key_distribution_message();
  inner.clear_fast_ratchet_sender_key_distribution_message();
  for (const Carrier& carrier : kCarriers) carrier.clear(inner);
  drop_large_thumbnails(inner);
  return serialize(inner);
}

}  // namespace konekwa::wa::content_parts

namespace konekwa::wa {

bool Context::is_empty() const {
  return !quote && mentions.empty() && !mentions_all && forwarding_score == 0 && !is_forwarded && expiration_s == 0 &&
         expiration_set_at_s == 0;
}

Bytes quoted_form(ByteView bytes) { return content_parts::without_context(bytes); }

}  // namespace konekwa::wa
