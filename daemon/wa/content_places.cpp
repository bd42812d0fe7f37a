// Locations, contacts, invitations to groups, events.
#include "daemon/wa/content_parts.h"

#include "proto/e2e.pb.h"

#include <cmath>

namespace konekwa::wa::content_parts {
namespace {

constexpr std::size_t kContactsMax = 1000;

template <class Message>
bool is_on_globe(const Message& message) {
  if (!message.has_degrees_latitude() || !message.has_degrees_longitude()) return false;
  const double latitude = message.degrees_latitude(), longitude = message.degrees_longitude();
  return std::isfinite(latitude) && std::isfinite(longitude) && std::abs(latitude) <= 90 && std::abs(longitude) <= 180;
}

template <class Message>
LocationContent* read_place(const Message& message, Content& content) {
  if (!is_on_globe(message)) return nullptr;
  content.kind = Content::Kind::Location;
  LocationContent& location = content.location.emplace();
  location.latitude = message.degrees_latitude();
  location.longitude = message.degrees_longitude();
  location.accuracy_m = message.accuracy_in_meters();
  location.thumbnail = thumbnail_of(message.jpeg_thumbnail());
  return &location;
}

void add_card(const proto::ContactMessage& contact, Content& content) {
  ContactCard card{name_of(contact.display_name()), vcard_of(contact.vcard())};
  if (content.contacts.size() >= kContactsMax || (card.display_name.empty() && card.vcard.empty())) return;
  content.kind = Content::Kind::Contact;
  content.contacts.push_back(std::move(card));
}

}  // namespace

void read(const proto::LocationMessage& message, Content& content) {
  LocationContent* location = read_place(message, content);
  if (!location) return;
  location->name = name_of(message.name());
  location->address = name_of(message.address());
  location->url = name_of(message.url());
  location->is_live = message.is_live();
  content.text = text_of(message.comment());
}

void read(const proto::LiveLocationMessage& message, Content& content) {
  LocationContent* location = read_place(message, content);
  if (!location) return;
  location->is_live = true;
  location->live_sequence = message.sequence_number();
  content.text = text_of(message.caption());
}

void read(const proto::ContactMessage& contact, Content& content) { add_card(contact, content); }

void read(const proto::ContactsArrayMessage& contacts, Content& content) {
  for (const proto::ContactMessage& contact : contacts.contacts()) add_card(contact, content);
}

void read(const proto::GroupInviteMessage& invite, Content& content) {
  GroupInvite out;
  out.group = jid_of(invite.group_jid());
  out.code = name_of(invite.invite_code());
  if (out.group.empty() || out.code.empty()) return;
  out.group_name = name_of(invite.group_name());
  out.expires_at_s = seconds_of(invite.invite_expiration());
  content.kind = Content::Kind::GroupInvite;
  content.text = text_of(invite.caption());
  content.invite = std::move(out);
}

void read(const proto::EventMessage& message, Content& content) {
  content.kind = Content::Kind::Event;
  content.text = text_of(message.name());
  EventContent& event = content.event.emplace();
  event.description = name_of(message.description());
  event.location_name = name_of(message.location().name());
  event.join_link = name_of(message.join_link());
  event.starts_at_s = seconds_of(message.start_time());
  event.ends_at_s = seconds_of(message.end_time());
  event.is_canceled = message.is_canceled();
}

}  // namespace konekwa::wa::content_parts
