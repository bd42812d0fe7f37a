// Content to Message.
#include "daemon/wa/content_parts.h"
#include "daemon/wa/proto_bytes.h"

#include "proto/e2e.pb.h"

namespace konekwa::wa::content_parts {
namespace {

constexpr int kRevoke = 0;
constexpr int kMessageEdit = 14;
constexpr int kDo = 1;    // of KeepType and of PinInChatMessage.Type
constexpr int kUndo = 2;
constexpr int kDisplayText = 1;
constexpr int kSingleSelect = 1;
constexpr int kNoPlayer = 0;   // of ExtendedTextMessage.PreviewType

template <class Message>
void put_context(const Content& content, Message& message) {
  if (!content.context.is_empty()) write_context(content.context, *message.mutable_context_info());
}

bool fits_out(const Bytes& thumbnail) { return !thumbnail.empty() && thumbnail.size() <= kThumbnailOutMax; }

void write_text(const Content& content, ByteView secret, proto::Message& message) {
  if (content.context.is_empty() && secret.empty() && !content.preview) {
    message.set_conversation(content.text);
    return;
  }
  proto::ExtendedTextMessage& text = *message.mutable_extended_text_message();
  text.set_text(content.text);
  put_context(content, text);
  if (!content.preview) return;
  text.set_matched_text(content.preview->matched_text);
  text.set_preview_type(kNoPlayer);
  if (!content.preview->title.empty()) text.set_title(content.preview->title);
  if (!content.preview->description.empty()) text.set_description(content.preview->description);
  if (fits_out(content.preview->thumbnail)) text.set_jpeg_thumbnail(field(content.preview->thumbnail));
}

template <class Message>
void write_place(const Content& content, Message& message) {
  message.set_degrees_latitude(content.location->latitude);
  message.set_degrees_longitude(content.location->longitude);
  if (content.location->accuracy_m > 0) message.set_accuracy_in_meters(content.location->accuracy_m);
  if (fits_out(content.location->thumbnail)) message.set_jpeg_thumbnail(field(content.location->thumbnail));
  put_context(content, message);
}

void write_location(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(content.location);
  if (content.location->is_live) {
    proto::LiveLocationMessage& live = *message.mutable_live_location_message();
    write_place(content, live);
    live.set_sequence_number(content.location->live_sequence);
    if (!content.text.empty()) live.set_caption(content.text);
    return;
  }
  proto::LocationMessage& location = *message.mutable_location_message();
  write_place(content, location);
  if (!content.location->name.empty()) location.set_name(content.location->name);
  if (!content.location->address.empty()) location.set_address(content.location->address);
  if (!content.location->url.empty()) location.set_url(content.location->url);
  if (!content.text.empty()) location.set_comment(content.text);
}

void write_card(const ContactCard& card, proto::ContactMessage& contact) {
  contact.set_display_name(card.display_name);
  contact.set_vcard(card.vcard);
}

void write_contacts(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(!content.contacts.empty());
  if (content.contacts.size() == 1) {
    write_card(content.contacts.front(), *message.mutable_contact_message());
    return put_context(content, *message.mutable_contact_message());
  }
  proto::ContactsArrayMessage& contacts = *message.mutable_contacts_array_message();
  contacts.set_display_name(std::to_string(content.contacts.size()) + " contacts");
  for (const ContactCard& card : content.contacts) write_card(card, *contacts.add_contacts());
  put_context(content, contacts);
}

void write_poll(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(content.poll);
  // Clients write polls with one choice in the third version's field, others in the first's.
  proto::PollCreationMessage& poll = content.poll->selectable == 1 ? *message.mutable_poll_creation_message_v3()
                                                                   : *message.mutable_poll_creation_message();
  poll.set_name(content.text);
  for (const std::string& option : content.poll->options) poll.add_options()->set_option_name(option);
  poll.set_selectable_options_count(content.poll->selectable);
  put_context(content, poll);
}

void write_event(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(content.event);
  proto::EventMessage& event = *message.mutable_event_message();
  event.set_is_canceled(content.event->is_canceled);
  event.set_name(content.text);
  if (!content.event->description.empty()) event.set_description(content.event->description);
  if (!content.event->location_name.empty()) event.mutable_location()->set_name(content.event->location_name);
  if (!content.event->join_link.empty()) event.set_join_link(content.event->join_link);
  event.set_start_time(content.event->starts_at_s);
  if (content.event->ends_at_s > 0) event.set_end_time(content.event->ends_at_s);
  put_context(content, event);
}

void write_invite(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(content.invite);
  proto::GroupInviteMessage& invite = *message.mutable_group_invite_message();
  invite.set_group_jid(content.invite->group);
  invite.set_invite_code(content.invite->code);
  invite.set_invite_expiration(content.invite->expires_at_s);
  invite.set_group_name(content.invite->group_name);
  if (!content.text.empty()) invite.set_caption(content.text);
  put_context(content, invite);
}

void write_button_choice(const Content& content, proto::Message& message) {
  proto::ButtonsResponseMessage& response = *message.mutable_buttons_response_message();
  response.set_selected_button_id(content.choice->id);
  response.set_selected_display_text(content.choice->title);
  response.set_type(kDisplayText);
  put_context(content, response);
}

void write_list_choice(const Content& content, proto::Message& message) {
  proto::ListResponseMessage& response = *message.mutable_list_response_message();
  response.set_title(content.choice->title);
  response.set_list_type(kSingleSelect);
  response.mutable_single_select_reply()->set_selected_row_id(content.choice->id);
  if (!content.choice->description.empty()) response.set_description(content.choice->description);
  put_context(content, response);
}

void write_template_choice(const Content& content, proto::Message& message) {
  proto::TemplateButtonReplyMessage& reply = *message.mutable_template_button_reply_message();
  reply.set_selected_id(content.choice->id);
  reply.set_selected_display_text(content.choice->title);
  put_context(content, reply);
}

void write_interactive_choice(const Content& content, proto::Message& message) {
  proto::InteractiveResponseMessage& response = *message.mutable_interactive_response_message();
  response.mutable_body()->set_text(content.choice->title);
  response.mutable_native_flow_response_message()->set_params_json(content.choice->params_json);
  put_context(content, response);
}

void write_choice(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(content.choice);
  const std::string& kind = content.choice->kind;
  if (kind == "button") return write_button_choice(content, message);
  if (kind == "list") return write_list_choice(content, message);
  if (kind == "template") return write_template_choice(content, message);
  KONEKWA_ASSERT(kind == "interactive");
  write_interactive_choice(content, message);
}

void write_secret(const Content& content, proto::SecretMessage& secret) {
  write_key(*content.target, *secret.mutable_target_message_key());
  secret.set_enc_payload(field(content.secret_payload->payload));
  secret.set_enc_iv(field(content.secret_payload->iv));
}

void write_reaction(const Content& content, proto::Message& message) {
  if (content.secret_payload) return write_secret(content, *message.mutable_enc_reaction_message());
  proto::ReactionMessage& reaction = *message.mutable_reaction_message();
  write_key(*content.target, *reaction.mutable_key());
  reaction.set_text(content.text);
  reaction.set_sender_timestamp_ms(content.acted_at_ms);
}

void write_edit(const Content& content, proto::Message& message) {
  proto::ProtocolMessage& protocol = *message.mutable_protocol_message();
  write_key(*content.target, *protocol.mutable_key());
  protocol.set_type(kMessageEdit);
  protocol.set_edited_message(field(content.edited));
  protocol.set_timestamp_ms(content.acted_at_ms);
}

void write_revoke(const Content& content, proto::Message& message) {
  proto::ProtocolMessage& protocol = *message.mutable_protocol_message();
  write_key(*content.target, *protocol.mutable_key());
  protocol.set_type(kRevoke);
}

void write_vote(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(content.secret_payload);
  proto::PollUpdateMessage& update = *message.mutable_poll_update_message();
  write_key(*content.target, *update.mutable_poll_creation_message_key());
  update.mutable_vote()->set_enc_payload(field(content.secret_payload->payload));
  update.mutable_vote()->set_enc_iv(field(content.secret_payload->iv));
  update.set_sender_timestamp_ms(content.acted_at_ms);
}

void write_pin_or_keep(const Content& content, proto::Message& message) {
  const int type = content.is_undone ? kUndo : kDo;
  if (content.type_name == "keep_in_chat") {
    proto::KeepInChatMessage& keep = *message.mutable_keep_in_chat_message();
    write_key(*content.target, *keep.mutable_key());
    keep.set_keep_type(type);
    keep.set_timestamp_ms(content.acted_at_ms);
    return;
  }
  proto::PinInChatMessage& pin = *message.mutable_pin_in_chat_message();
  write_key(*content.target, *pin.mutable_key());
  pin.set_type(type);
  pin.set_sender_timestamp_ms(content.acted_at_ms);
  message.mutable_message_context_info()->set_message_add_on_duration_in_secs(content.pin_duration_s);
}

void write(const Content& content, ByteView secret, proto::Message& message) {
  using Kind = Content::Kind;
  const bool needs_target = content.kind == Kind::Reaction || content.kind == Kind::Edit ||
                            content.kind == Kind::Revoke || content.kind == Kind::PollVote ||
                            content.kind == Kind::PinOrKeep;
  KONEKWA_ASSERT(!needs_target || content.target);
  switch (content.kind) {
    case Kind::Text: return write_text(content, secret, message);
    case Kind::Media: return write_media(content, message);
    case Kind::Location: return write_location(content, message);
    case Kind::Contact: return write_contacts(content, message);
    case Kind::Poll: return write_poll(content, message);
    case Kind::Choice: return write_choice(content, message);
    case Kind::GroupInvite: return write_invite(content, message);
    case Kind::Event: return write_event(content, message);
    case Kind::Reaction: return write_reaction(content, message);
    case Kind::Edit: return write_edit(content, message);
    case Kind::Revoke: return write_revoke(content, message);
    case Kind::PollVote: return write_vote(content, message);
    case Kind::PinOrKeep: return write_pin_or_keep(content, message);
    case Kind::Protocol:
    case Kind::KeyDistribution:
    case Kind::Unsupported: break;
  }
  KONEKWA_ASSERT(false && "content of this kind is not sent");
}

}  // namespace
}  // namespace konekwa::wa::content_parts

namespace konekwa::wa {

Bytes encode_content(const Content& content, ByteView message_secret) {
  proto::Message message;
  content_parts::write(content, message_secret, message);
  if (!message_secret.empty()) message.mutable_message_context_info()->set_message_secret(field(message_secret));
  return serialize(message);
}

}  // namespace konekwa::wa
