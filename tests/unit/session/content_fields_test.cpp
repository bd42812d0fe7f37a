#include "daemon/session/content_fields.h"

#include <catch2/catch.hpp>

#include "common/json.h"

#include <nlohmann/json.hpp>

namespace konekwa::session {
namespace {

using Kind = wa::Content::Kind;

std::string plain(const std::string& jid) { return jid.substr(0, jid.find('@')); }

store::MessageRow described(const wa::Content& content) {
  store::MessageRow row;
  describe(content, plain, row);
  return row;
}

wa::Content media(wa::MediaKind kind) {
  wa::Content out;
  out.kind = Kind::Media;
  out.media.emplace();
  out.media->file.kind = kind;
  out.media->file.mimetype = "image/jpeg";
  out.media->file.direct_path = "/v/x";
  out.media->file.media_key = Bytes(32, 1);
  out.media->file.sha256 = Bytes(32, 0xab);
  out.media->file.length = 1234;
  return out;
}

Json fields(const store::MessageRow& row) { return Json::parse(row.fields); }

TEST_CASE("a text without context has no fields") {
  wa::Content content;
  content.kind = Kind::Text;
  content.text = "Halo kak";
  const auto row = described(content);
  CHECK(row.message_type == "text");
  CHECK(row.content == "Halo kak");
  CHECK(row.fields.empty());
}

TEST_CASE("an image says its caption and what the file is") {
  auto content = media(wa::MediaKind::Image);
  content.text = "Struk";
  content.media->width = 640;
  content.is_view_once = true;
  const auto row = described(content);
  CHECK(row.message_type == "image");
  CHECK(row.content.empty());
  const Json said = fields(row);
  CHECK(said["caption"] == "Struk");
  CHECK(said["media"]["mimetype"] == "image/jpeg");
  CHECK(said["media"]["size"] == 1234);
  CHECK(said["media"]["width"] == 640);
  CHECK(said["media"]["status"] == "pending");
  CHECK(said["media"]["sha256"] == to_hex(Bytes(32, 0xab)));
  CHECK(said["view_once"] == true);
}

TEST_CASE("media that nothing opens are failed at once") {
  auto content = media(wa::MediaKind::Document);
  content.media->file.media_key.clear();
  CHECK(fields(described(content))["media"]["status"] == "failed");
  const auto row = media_row_of(content, "ses_1", Time{});
  REQUIRE(row);
  CHECK(row->state == store::MediaState::FAILED);
  CHECK_FALSE(row->error.empty());
}

TEST_CASE("a media row carries what opens the file") {
  const auto row = media_row_of(media(wa::MediaKind::Sticker), "ses_1", Time{});
  REQUIRE(row);
  CHECK(row->state == store::MediaState::PENDING);
  CHECK(row->kind == "sticker");
  const wa::MediaFile file = media_file_of(*row);
  CHECK(file.kind == wa::MediaKind::Sticker);
  CHECK(file.media_key == Bytes(32, 1));
  CHECK(file.direct_path == "/v/x");
  CHECK(file.length == 1234);
}

TEST_CASE("what a message answers to, and whom it mentions, is said in the words of the API") {
  wa::Content content;
  content.kind = Kind::Text;
  content.text = "Ya @6281234567890";
  wa::Quote quote;
  quote.id = "3EB0AA";
  quote.participant = "6289876543210@s.whatsapp.net";
  quote.message = wa::encode_text("Masih ada?");
  content.context.quote = quote;
  content.context.mentions = {"6281234567890@s.whatsapp.net"};
  content.context.forwarding_score = 2;
  const Json said = fields(described(content));
  CHECK(said["quoted"]["wa_message_id"] == "3EB0AA");
  CHECK(said["quoted"]["sender"] == "6289876543210");
  CHECK(said["quoted"]["message_type"] == "text");
  CHECK(said["quoted"]["content"] == "Masih ada?");
  CHECK(said["mentions"] == Json::array({"6281234567890"}));
  CHECK(said["forwarded"] == true);
}

TEST_CASE("locations, contacts, polls, choices and invitations have fields of their own") {
  wa::Content content;
  content.kind = Kind::Location;
  content.location = wa::LocationContent{};
  content.location->latitude = -6.2;
  content.location->longitude = 106.8;
  content.location->name = "Toko";
  CHECK(described(content).message_type == "location");
  CHECK(fields(described(content))["latitude"] == -6.2);
  content.location->is_live = true;
  CHECK(described(content).message_type == "live_location");

  wa::Content contact;
  contact.kind = Kind::Contact;
  contact.contacts = {{"Toko", "BEGIN:VCARD\nEND:VCARD"}};
  CHECK(fields(described(contact))["vcard_data"] == "BEGIN:VCARD\nEND:VCARD");
  CHECK(fields(described(contact))["contacts"][0]["name"] == "Toko");

  wa::Content poll;
  poll.kind = Kind::Poll;
  poll.text = "Warna?";
  poll.poll = wa::PollContent{{"merah", "biru"}, 1};
  CHECK(described(poll).message_type == "poll");
  CHECK(described(poll).content == "Warna?");
  CHECK(fields(described(poll))["poll"]["options"] == Json::array({"merah", "biru"}));

  wa::Content choice;
  choice.kind = Kind::Choice;
  choice.text = "Ya";
  choice.choice = wa::ChoiceReply{"list", "row-1", "Ya", "", ""};
  CHECK(described(choice).message_type == "list_reply");
  CHECK(fields(described(choice))["choice"]["id"] == "row-1");

  wa::Content invite;
  invite.kind = Kind::GroupInvite;
  invite.invite = wa::GroupInvite{"120363000000000001@g.us", "CODE", "Grup", 0};
  CHECK(described(invite).message_type == "group_invite");
  CHECK(fields(described(invite))["group_invite"]["group_id"] == "120363000000000001@g.us");
}

TEST_CASE("an event says when, where and what it is about") {
  wa::Content content;
  content.kind = Kind::Event;
  content.text = "Arisan";
  content.event.emplace();
  content.event->description = "Bawa piring";
  content.event->location_name = "Rumah Ana";
  content.event->join_link = "https://call.whatsapp.com/video/x";
  content.event->starts_at_s = 1'700'000'000;
  const auto row = described(content);
  CHECK(row.message_type == "event");
  CHECK(row.content == "Arisan");
  const Json event = fields(row)["event"];
  CHECK(event == Json{{"description", "Bawa piring"},
                      {"starts_at", "2023-11-14T22:13:20Z"},
                      {"location_name", "Rumah Ana"},
                      {"join_link", "https://call.whatsapp.com/video/x"},
                      {"canceled", false}});
}

TEST_CASE("what is not rendered arrives as unsupported, with its type") {
  wa::Content content;
  content.type_name = "sticker_pack";
  CHECK(described(content).message_type == "unsupported");
  CHECK(fields(described(content))["unsupported_type"] == "sticker_pack");
}

store::MessageRow outbound(const std::string& type, const Json& fields) {
  store::MessageRow row;
  row.message_type = type;
  row.chat_id = "6281234567890@s.whatsapp.net";
  if (!fields.empty()) row.fields = fields.dump();
  return row;
}

Result<wa::Content> written(const store::MessageRow& row, const store::MessageMediaRow* file = nullptr) {
  return content_of(row, file, std::nullopt, [](const std::string& number) { return number + "@s.whatsapp.net"; });
}

TEST_CASE("an outbound row becomes what it asks for") {
  auto text = outbound("text", {{"mentions", {"6281234567890"}}});
  text.content = "Halo @6281234567890";
  const auto said = written(text);
  REQUIRE(said);
  CHECK(said->kind == Kind::Text);
  CHECK(said->text == "Halo @6281234567890");
  CHECK(said->context.mentions == std::vector<std::string>{"6281234567890@s.whatsapp.net"});

  const auto place = written(outbound("location", {{"latitude", -6.2}, {"longitude", 106.8}, {"name", "Toko"}}));
  REQUIRE(place);
  CHECK(place->location->longitude == 106.8);
  CHECK(place->location->name == "Toko");

  const std::string vcard = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Toko Baru\r\nEND:VCARD";
  const auto contact = written(outbound("contact", {{"vcard_data", vcard}}));
  REQUIRE(contact);
  REQUIRE(contact->contacts.size() == 1);
  CHECK(contact->contacts[0].display_name == "Toko Baru");
}

TEST_CASE("outbound media need their upload") {
  const auto row = outbound("image", {{"caption", "Struk"}, {"media_url", "https://example.com/a.jpg"}});
  CHECK(needs_media(row));
  CHECK_FALSE(written(row));
  store::MessageMediaRow file;
  file.kind = "image";
  file.direct_path = "/v/y";
  file.media_key = Bytes(32, 2);
  file.facts = R"({"width":10,"height":20})";
  file.thumbnail = Bytes(5, 1);
  const auto content = written(row, &file);
  REQUIRE(content);
  CHECK(content->text == "Struk");
  CHECK(content->media->width == 10);
  CHECK(content->media->file.direct_path == "/v/y");
  CHECK(content->media->thumbnail == Bytes(5, 1));
}

TEST_CASE("a type that is not sent is refused by name") {
  const auto content = written(outbound("sticker_pack", Json::object()));
  REQUIRE_FALSE(content);
  CHECK(content.error().code == ErrorCode::MESSAGE_TYPE_UNSUPPORTED);
}

}  // namespace
}  // namespace konekwa::session
