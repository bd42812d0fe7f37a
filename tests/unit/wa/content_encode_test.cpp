// What Konekwa sends: the fields that other clients read, and the attributes of the stanza around them.
#include "daemon/wa/content.h"
#include "tests/unit/wa/content_vectors.h"

#include <catch2/catch.hpp>
#include "proto/e2e.pb.h"

using namespace konekwa;
using namespace konekwa::wa;
using Kind = Content::Kind;
using konekwa::test::content_vector;

namespace {

proto::Message message_from(ByteView bytes) {
  proto::Message message;
  REQUIRE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return message;
}

Content text(const std::string& words) {
  Content content;
  content.kind = Kind::Text;
  content.text = words;
  return content;
}

Content media(MediaKind kind, const std::string& caption = "") {
  Content content = text(caption);
  content.kind = Kind::Media;
  content.media.emplace().file.kind = kind;
  content.media->file.direct_path = "/v/a";
  content.media->file.media_key = Bytes(32, 1);
  return content;
}

Content with_target(Kind kind, bool from_me = true) {
  Content content;
  content.kind = kind;
  content.target = MessageKey{"1@lid", from_me, "ID", ""};
  return content;
}

// "type mediatype edit", and "hide".
std::string attributes(const Content& content) {
  const StanzaType type = stanza_type(content);
  std::string out = type.type;
  if (!type.mediatype.empty()) out += " " + type.mediatype;
  if (!type.edit.empty()) out += " edit=" + type.edit;
  if (type.hides_decrypt_failure) out += " hide";
  for (const auto& [name, value] : type.meta) out += " " + name + "=" + value;
  return out;
}

}  // namespace

TEST_CASE("what another client wrote is written the same way again") {
  // Their serializer writes the fields in the same order. The waveform of "voice" is not within bounds, a "poll" with
  // one choice goes into the third field, and "document" has another title than name.
  for (const char* name : {"video", "gif", "ptv", "sticker", "contact", "contacts", "poll3", "vote", "list_choice",
                           "button_choice", "invite", "reaction", "reaction_back", "enc_reaction", "revoke", "edit",
                           "unkeep", "view_once", "channel"}) {
    CAPTURE(name);
    const Bytes theirs = content_vector(name);
    const auto content = parse_content(theirs);
    REQUIRE(content);
    CHECK(to_hex(encode_content(*content, content->message_secret)) == to_hex(theirs));
  }
}

TEST_CASE("a text is a conversation until it needs more") {
  CHECK(encode_content(text("hai"), {}) == encode_text("hai"));
  CHECK(encode_content(text("hai"), Bytes(32, 7)) == encode_text_with_secret("hai", Bytes(32, 7)));
  Content disappearing = text("hai");
  disappearing.context.expiration_s = 86400;
  const proto::Message message = message_from(encode_content(disappearing, {}));
  CHECK(message.extended_text_message().text() == "hai");
  CHECK(message.extended_text_message().context_info().expiration() == 86400);
  CHECK_FALSE(message.has_conversation());
  CHECK_FALSE(message.has_message_context_info());
}

TEST_CASE("a reply with mentions, forwarded") {
  Content content = text("@5 halo");
  content.context.quote = Quote{"3EB0", "123@lid", "1-2@g.us", encode_text("before")};
  content.context.mentions = {"5@lid"};
  content.context.mentions_all = true;
  content.context.is_forwarded = true;
  content.context.forwarding_score = 2;
  const auto again = parse_content(encode_content(content, {}));
  REQUIRE(again);
  CHECK(again->context.quote->id == "3EB0");
  CHECK(again->context.quote->participant == "123@lid");
  CHECK(again->context.quote->chat == "1-2@g.us");
  CHECK(again->context.quote->message == encode_text("before"));
  CHECK(again->context.mentions == content.context.mentions);
  CHECK(again->context.mentions_all);
  CHECK(again->context.is_forwarded);
  CHECK(again->context.forwarding_score == 2);
}

TEST_CASE("the context goes into whatever is sent") {
  Content location = text("");
  location.kind = Kind::Location;
  location.location.emplace();
  Content contact = text("");
  contact.kind = Kind::Contact;
  contact.contacts = {{"Ani", "A"}};
  Content poll = text("?");
  poll.kind = Kind::Poll;
  poll.poll = PollContent{{"a", "b"}, 0};
  for (Content content : {text("x"), media(MediaKind::Image), media(MediaKind::Video), media(MediaKind::Audio),
                          media(MediaKind::Document, "with caption"), media(MediaKind::Sticker), location, contact,
                          poll}) {
    content.context.quote = Quote{"3EB0", "123@lid", "", {}};
    const auto again = parse_content(encode_content(content, Bytes(32, 7)));
    REQUIRE(again);
    CHECK(again->kind == content.kind);
    REQUIRE(again->context.quote);
    CHECK(again->context.quote->id == "3EB0");
    CHECK(again->message_secret == Bytes(32, 7));
  }
}

TEST_CASE("a voice note") {
  Content content = media(MediaKind::Audio);
  content.media->file.mimetype = "audio/ogg; codecs=opus";
  content.media->is_voice = true;
  content.media->seconds = 3;
  content.media->waveform = Bytes(64, 50);
  const proto::AudioMessage audio = message_from(encode_content(content, {})).audio_message();
  CHECK(audio.ptt());
  CHECK(audio.seconds() == 3);
  CHECK(audio.waveform() == std::string(64, 50));
  CHECK(audio.mimetype() == "audio/ogg; codecs=opus");
  CHECK(audio.media_key() == std::string(32, 1));
}

TEST_CASE("a document with a caption is wrapped, one without is not") {
  Content content = media(MediaKind::Document);
  content.media->filename = "a.pdf";
  const proto::Message plain = message_from(encode_content(content, {}));
  CHECK(plain.document_message().file_name() == "a.pdf");
  CHECK(plain.document_message().title() == "a.pdf");
  content.text = "Faktur";
  const proto::Message message = message_from(encode_content(content, {}));
  CHECK_FALSE(message.has_document_message());
  CHECK(message.document_with_caption_message().message().document_message().caption() == "Faktur");
}

TEST_CASE("a thumbnail that would bloat every ciphertext stays away") {
  Content content = media(MediaKind::Image);
  content.media->thumbnail = Bytes(10 * 1024 - 1, 1);
  CHECK(message_from(encode_content(content, {})).image_message().jpeg_thumbnail().size() == 10 * 1024 - 1);
  content.media->thumbnail = Bytes(10 * 1024, 1);
  CHECK_FALSE(message_from(encode_content(content, {})).image_message().has_jpeg_thumbnail());
}

TEST_CASE("view once stands in the wrapper and in the field") {
  Content picture = media(MediaKind::Image);
  picture.is_view_once = true;
  CHECK(message_from(encode_content(picture, {})).view_once_message_v2().message().image_message().view_once());
  Content voice = media(MediaKind::Audio);
  voice.media->is_voice = true;
  voice.is_view_once = true;
  const proto::Message message = message_from(encode_content(voice, {}));
  CHECK(message.view_once_message_v2_extension().message().audio_message().view_once());
}

TEST_CASE("a poll of any number of choices is of the first version") {
  Content content = text("Kapan?");
  content.kind = Kind::Poll;
  content.poll = PollContent{{"Senin", "Selasa"}, 0};
  const proto::Message message = message_from(encode_content(content, Bytes(32, 7)));
  CHECK(message.poll_creation_message().name() == "Kapan?");
  CHECK(message.poll_creation_message().options_size() == 2);
  CHECK(message.poll_creation_message().has_selectable_options_count());
  CHECK(message.message_context_info().message_secret() == std::string(32, 7));
}

TEST_CASE("a quoted message has no context, no secrets and no wrapper") {
  const auto quoted = parse_content(quoted_form(content_vector("extended")));
  CHECK(quoted->text == "Lihat https://toko.example");
  CHECK_FALSE(quoted->context.quote);
  CHECK(quoted->message_secret.empty());
  const proto::Message nested = message_from(quoted_form(content_vector("nested")));
  CHECK(nested.has_image_message());
  CHECK_FALSE(nested.has_device_sent_message());
  CHECK_FALSE(nested.image_message().has_jpeg_thumbnail());
  CHECK(quoted_form(content_vector("with_key")) == encode_text("hai"));
  CHECK(quoted_form(as_bytes("no message")).empty());
  Content picture = media(MediaKind::Image);
  picture.media->thumbnail = Bytes(100, 1);
  proto::Message message = message_from(encode_content(picture, {}));
  CHECK(message_from(quoted_form(to_bytes(message.SerializeAsString()))).image_message().has_jpeg_thumbnail());
  message.mutable_image_message()->set_jpeg_thumbnail(std::string(10 * 1024, 't'));
  CHECK_FALSE(message_from(quoted_form(to_bytes(message.SerializeAsString()))).image_message().has_jpeg_thumbnail());
}

TEST_CASE("the stanza of each kind") {
  CHECK(attributes(text("x")) == "text");
  Content link = text("https://a.example");
  link.preview = LinkPreview{"https://a.example", "A", "", {}};
  CHECK(attributes(link) == "media url");
  CHECK(attributes(media(MediaKind::Image)) == "media image");
  CHECK(attributes(media(MediaKind::Video)) == "media video");
  CHECK(attributes(media(MediaKind::Audio)) == "media audio");
  CHECK(attributes(media(MediaKind::Document)) == "media document");
  CHECK(attributes(media(MediaKind::Sticker)) == "media sticker");
  CHECK(attributes(*parse_content(content_vector("gif"))) == "media gif");
  CHECK(attributes(*parse_content(content_vector("ptv"))) == "media ptv");
  CHECK(attributes(*parse_content(content_vector("voice"))) == "media ptt");
  CHECK(attributes(*parse_content(content_vector("view_once"))) == "media image view_once=true");
  CHECK(attributes(*parse_content(content_vector("location"))) == "media location");
  CHECK(attributes(*parse_content(content_vector("live"))) == "media livelocation");
  CHECK(attributes(*parse_content(content_vector("contact"))) == "media vcard");
  CHECK(attributes(*parse_content(content_vector("contacts"))) == "media contact_array");
  CHECK(attributes(*parse_content(content_vector("poll"))) == "poll polltype=creation");
  CHECK(attributes(*parse_content(content_vector("vote"))) == "poll hide polltype=vote");
  CHECK(attributes(*parse_content(content_vector("invite"))) == "media url");
  CHECK(attributes(*parse_content(content_vector("event"))) == "event event_type=creation");
  CHECK(attributes(*parse_content(content_vector("list_choice"))) == "media list_response");
  CHECK(attributes(*parse_content(content_vector("button_choice"))) == "media buttons_response");
  CHECK(attributes(*parse_content(content_vector("interactive_choice"))) == "media native_flow_response");
  CHECK(attributes(*parse_content(content_vector("template_choice"))) == "text");
}

TEST_CASE("the stanza of what is done to other messages") {
  CHECK(attributes(*parse_content(content_vector("reaction"))) == "reaction hide");
  CHECK(attributes(*parse_content(content_vector("reaction_back"))) == "reaction edit=7 hide");
  CHECK(attributes(*parse_content(content_vector("enc_reaction"))) == "reaction hide");
  CHECK(attributes(with_target(Kind::Edit)) == "text edit=1 hide");
  CHECK(attributes(with_target(Kind::Revoke)) == "text edit=7");
  CHECK(attributes(with_target(Kind::Revoke, false)) == "text edit=8");
  CHECK(attributes(*parse_content(content_vector("pin"))) == "text edit=2 hide");
  CHECK(attributes(*parse_content(content_vector("unkeep"))) == "text hide");
}
