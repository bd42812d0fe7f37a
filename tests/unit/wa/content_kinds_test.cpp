// Every kind, as other clients write it.
#include "daemon/wa/content.h"
#include "tests/unit/wa/content_vectors.h"

#include <catch2/catch.hpp>
#include "proto/e2e.pb.h"

using namespace konekwa;
using namespace konekwa::wa;
using Kind = Content::Kind;
using konekwa::test::content_vector;

namespace {

Content read(std::string_view name) {
  const auto content = parse_content(content_vector(name));
  REQUIRE(content);
  return *content;
}

Bytes serialized(const google::protobuf::MessageLite& message) { return to_bytes(message.SerializeAsString()); }

void check_file(const MediaFile& file, MediaKind kind, const std::string& mimetype) {
  CHECK(file.kind == kind);
  CHECK(file.mimetype == mimetype);
  CHECK(file.url == "https://mmg.whatsapp.net/v/a");
  CHECK(file.direct_path == "/v/t62/a?ccb=1");
  CHECK(file.media_key == Bytes(32, 1));
  CHECK(file.sha256 == Bytes(32, 2));
  CHECK(file.enc_sha256 == Bytes(32, 3));
  CHECK(file.length == 12345);
  CHECK(file.key_time == from_unix_seconds(1790000000));
}

void check_full_context(const Context& context) {
  REQUIRE(context.quote);
  CHECK(context.quote->id == "3EB0AA");
  CHECK(context.quote->participant == "123@lid");
  CHECK(context.quote->chat == "1-2@g.us");
  const auto quoted = parse_content(context.quote->message);
  REQUIRE(quoted);
  CHECK(quoted->text == "before");
  CHECK_FALSE(quoted->context.quote);
  CHECK(quoted->message_secret.empty());
  CHECK(context.mentions == std::vector<std::string>{"5@lid", "6@s.whatsapp.net"});
  CHECK(context.mentions_all);
  CHECK(context.forwarding_score == 4);
  CHECK(context.is_forwarded);
  CHECK(context.expiration_s == 86400);
  CHECK(context.expiration_set_at_s == 1790000001);
}

void check_target(const Content& content) {
  REQUIRE(content.target);
  CHECK(content.target->chat == "1-2@g.us");
  CHECK_FALSE(content.target->from_me);
  CHECK(content.target->id == "3EB0TARGET");
  CHECK(content.target->participant == "77@lid");
}

}  // namespace

TEST_CASE("a text with a preview, a quote, mentions and a secret") {
  const Content content = read("extended");
  CHECK(content.kind == Kind::Text);
  CHECK(content.text == "Lihat https://toko.example");
  CHECK(content.type_name.empty());
  REQUIRE(content.preview);
  CHECK(content.preview->matched_text == "https://toko.example");
  CHECK(content.preview->title == "Toko");
  CHECK(content.preview->description == "Kopi");
  CHECK(content.preview->thumbnail == Bytes(2, 1));
  check_full_context(content.context);
  CHECK(content.is_ephemeral);
  CHECK(content.message_secret == Bytes(32, 8));
}

TEST_CASE("a picture") {
  const Content content = read("image");
  CHECK(content.kind == Kind::Media);
  CHECK(content.type_name == "image");
  CHECK(content.text == "Foto");
  REQUIRE(content.media);
  check_file(content.media->file, MediaKind::Image, "image/jpeg");
  CHECK(content.media->width == 640);
  CHECK(content.media->height == 480);
  CHECK(content.media->thumbnail == Bytes(5, 7));
  check_full_context(content.context);
}

TEST_CASE("a video, a GIF and a video note") {
  for (const char* name : {"video", "gif", "ptv"}) {
    CAPTURE(name);
    const Content content = read(name);
    CHECK(content.kind == Kind::Media);
    CHECK(content.text == "Film");
    REQUIRE(content.media);
    check_file(content.media->file, MediaKind::Video, "video/mp4");
    CHECK(content.media->seconds == 12);
    CHECK(content.media->width == 320);
    CHECK(content.media->height == 240);
    CHECK(content.media->thumbnail == Bytes(4, 6));
    CHECK(content.media->is_gif == (std::string_view(name) == "gif"));
    CHECK(content.media->is_video_note == (std::string_view(name) == "ptv"));
  }
}

TEST_CASE("a sound and a voice note") {
  const Content sound = read("audio");
  REQUIRE(sound.media);
  check_file(sound.media->file, MediaKind::Audio, "audio/mp4");
  CHECK(sound.media->seconds == 30);
  CHECK_FALSE(sound.media->is_voice);
  CHECK(sound.media->waveform.empty());
  const Content voice = read("voice");
  REQUIRE(voice.media);
  check_file(voice.media->file, MediaKind::Audio, "audio/ogg; codecs=opus");
  CHECK(voice.media->is_voice);
  REQUIRE(voice.media->waveform.size() == 64);
  CHECK(voice.media->waveform[10] == 20);
  CHECK(voice.media->waveform[63] == 100);  // 126 was sent
}

TEST_CASE("a document, with a caption in a wrapper") {
  const Content plain = read("document");
  REQUIRE(plain.media);
  check_file(plain.media->file, MediaKind::Document, "application/pdf");
  CHECK(plain.media->filename == "faktur.pdf");
  CHECK(plain.media->page_count == 3);
  CHECK(plain.text.empty());
  const Content captioned = read("captioned");
  CHECK(captioned.kind == Kind::Media);
  CHECK(captioned.type_name == "document");
  CHECK(captioned.text == "Faktur");
  CHECK(captioned.media->thumbnail == Bytes(3, 5));
}

TEST_CASE("a sticker") {
  const Content content = read("sticker");
  REQUIRE(content.media);
  check_file(content.media->file, MediaKind::Sticker, "image/webp");
  CHECK(content.media->is_animated);
  CHECK(content.media->width == 512);
  CHECK(content.media->thumbnail == Bytes(2, 4));
}

TEST_CASE("a place, and one that moves") {
  const Content place = read("location");
  CHECK(place.kind == Kind::Location);
  CHECK(place.text == "di sini");
  REQUIRE(place.location);
  CHECK(place.location->latitude == -6.2);
  CHECK(place.location->longitude == 106.8);
  CHECK(place.location->name == "Monas");
  CHECK(place.location->address == "Jakarta");
  CHECK(place.location->url == "https://maps.example");
  CHECK(place.location->accuracy_m == 10);
  CHECK(place.location->thumbnail == Bytes(2, 2));
  CHECK_FALSE(place.location->is_live);
  const Content live = read("live");
  REQUIRE(live.location);
  CHECK(live.location->is_live);
  CHECK(live.location->latitude == 1.5);
  CHECK(live.location->live_sequence == 1790000000000);
  CHECK(live.text == "jalan");
  CHECK(live.type_name == "live_location");
}

TEST_CASE("a place that is nowhere on the globe is not rendered") {
  const auto kind_at = [](double latitude, double longitude) {
    proto::Message message;
    message.mutable_location_message()->set_degrees_latitude(latitude);
    message.mutable_location_message()->set_degrees_longitude(longitude);
    return parse_content(serialized(message))->kind;
  };
  CHECK(kind_at(90, -180) == Kind::Location);
  CHECK(kind_at(91, 0) == Kind::Unsupported);
  CHECK(kind_at(0, 181) == Kind::Unsupported);
  CHECK(kind_at(std::numeric_limits<double>::quiet_NaN(), 0) == Kind::Unsupported);
  CHECK(kind_at(0, std::numeric_limits<double>::infinity()) == Kind::Unsupported);
}

TEST_CASE("one contact and several") {
  const Content one = read("contact");
  CHECK(one.kind == Kind::Contact);
  REQUIRE(one.contacts.size() == 1);
  CHECK(one.contacts[0].display_name == "Ani");
  CHECK(one.contacts[0].vcard == "BEGIN:VCARD\nEND:VCARD");
  const Content several = read("contacts");
  CHECK(several.kind == Kind::Contact);
  REQUIRE(several.contacts.size() == 2);
  CHECK(several.contacts[1].display_name == "Budi");
  CHECK(several.contacts[1].vcard == "B");
}

TEST_CASE("polls of every version") {
  for (const char* name : {"poll", "poll2", "poll3", "poll4", "poll5"}) {
    CAPTURE(name);
    const Content content = read(name);
    CHECK(content.kind == Kind::Poll);
    CHECK(content.type_name == "poll_creation");
    CHECK(content.text == "Kapan?");
    REQUIRE(content.poll);
    CHECK(content.poll->options == std::vector<std::string>{"Senin", "Selasa"});
    CHECK(content.poll->selectable == 1);
    CHECK(content.context.expiration_s == 604800);
  }
  CHECK(read("poll").message_secret == Bytes(32, 8));
  proto::Message sixth;
  sixth.mutable_poll_creation_message_v6()->add_options()->set_option_name("Ya");
  CHECK(parse_content(serialized(sixth))->kind == Kind::Poll);
}

TEST_CASE("what people choose of a business") {
  const Content button = read("button_choice");
  CHECK(button.kind == Kind::Choice);
  CHECK(button.text == "Ya");
  REQUIRE(button.choice);
  CHECK(button.choice->kind == "button");
  CHECK(button.choice->id == "b1");
  CHECK(button.context.quote->id == "S");
  const Content list = read("list_choice");
  CHECK(list.choice->kind == "list");
  CHECK(list.choice->id == "r1");
  CHECK(list.text == "Kopi");
  CHECK(list.choice->description == "panas");
  const Content of_template = read("template_choice");
  CHECK(of_template.choice->kind == "template");
  CHECK(of_template.choice->id == "t1");
  CHECK(of_template.text == "Pesan");
  const Content interactive = read("interactive_choice");
  CHECK(interactive.choice->kind == "interactive");
  CHECK(interactive.choice->id == "x1");
  CHECK(interactive.text == "Selesai");
  CHECK(interactive.choice->params_json == R"({"id":"x1","n":2})");
}

TEST_CASE("what businesses send is readable text") {
  const std::pair<const char*, const char*> texts[] = {{"buttons", "Judul\nPilih\nToko"},
                                                       {"list", "Menu\nHari ini\nToko"},
                                                       {"template", "Kode\n123456 kode Anda\n10 menit"},
                                                       {"interactive", "Promo\nBesok\nIsi\nKaki"},
                                                       {"carousel", "Pilihan\nsatu\ndua"},
                                                       {"hsm", "Lama"}};
  for (const auto& [name, text] : texts) {
    CAPTURE(name);
    const Content content = read(name);
    CHECK(content.kind == Kind::Text);
    CHECK(content.text == text);
    CHECK_FALSE(content.type_name.empty());
  }
  const Content picture = read("buttons_image");
  CHECK(picture.kind == Kind::Media);
  CHECK(picture.type_name == "buttons");
  CHECK(picture.text == "Pilih");
  CHECK(picture.media->file.kind == MediaKind::Image);
}

TEST_CASE("an invitation to a group") {
  const Content content = read("invite");
  CHECK(content.kind == Kind::GroupInvite);
  CHECK(content.text == "Ayo");
  REQUIRE(content.invite);
  CHECK(content.invite->group == "1-2@g.us");
  CHECK(content.invite->code == "CODE");
  CHECK(content.invite->group_name == "Keluarga");
  CHECK(content.invite->expires_at_s == 1790000000);
}

TEST_CASE("an event") {
  const Content content = read("event");
  CHECK(content.kind == Kind::Event);
  CHECK(content.text == "Rapat");
  REQUIRE(content.event);
  CHECK(content.event->description == "bulanan");
  CHECK(content.event->location_name == "Kantor");
  CHECK(content.event->join_link == "https://call.example");
  CHECK(content.event->starts_at_s == 1790000000);
  CHECK(content.event->ends_at_s == 1790003600);
  CHECK(content.event->is_canceled);
}

TEST_CASE("a reaction, and one taken back") {
  const Content reaction = read("reaction");
  CHECK(reaction.kind == Kind::Reaction);
  CHECK(reaction.text == "👍");
  CHECK(reaction.acted_at_ms == 1790000000123);
  check_target(reaction);
  const Content back = read("reaction_back");
  CHECK(back.kind == Kind::Reaction);
  CHECK(back.text.empty());
  CHECK_FALSE(back.secret_payload);
}

TEST_CASE("what is encrypted with the secret of another message") {
  const std::tuple<const char*, Kind, const char*> kinds[] = {{"vote", Kind::PollVote, "Poll Vote"},
                                                              {"enc_reaction", Kind::Reaction, "Enc Reaction"},
                                                              {"secret_edit", Kind::Edit, "Message Edit"}};
  for (const auto& [name, kind, use] : kinds) {
    CAPTURE(name);
    const Content content = read(name);
    CHECK(content.kind == kind);
    check_target(content);
    REQUIRE(content.secret_payload);
    CHECK(content.secret_payload->use == use);
    CHECK(content.secret_payload->payload == Bytes(20, 1));
    CHECK(content.secret_payload->iv == Bytes(12, 2));
  }
  CHECK(read("vote").acted_at_ms == 1790000000123);
}

TEST_CASE("a message is deleted for everyone") {
  const Content content = read("revoke");
  CHECK(content.kind == Kind::Revoke);
  CHECK(content.protocol_type == 0);
  check_target(content);
}

TEST_CASE("an edit, bare or wrapped") {
  for (const char* name : {"edit", "edit_wrapped"}) {
    CAPTURE(name);
    const Content content = read(name);
    CHECK(content.kind == Kind::Edit);
    CHECK(content.acted_at_ms == 1790000000123);
    check_target(content);
    const auto edited = parse_content(content.edited);
    REQUIRE(edited);
    CHECK(edited->kind == Kind::Text);
    CHECK(edited->text == "baru");
  }
}

TEST_CASE("the timer of a chat is protocol") {
  const Content content = read("timer");
  CHECK(content.kind == Kind::Protocol);
  CHECK(content.protocol_type == 3);
  CHECK(content.context.expiration_s == 86400);
  CHECK(content.context.expiration_set_at_s == 1790000000);
  CHECK_FALSE(content.is_ephemeral);
}

TEST_CASE("a pin, and keeping undone") {
  const Content pin = read("pin");
  CHECK(pin.kind == Kind::PinOrKeep);
  CHECK(pin.type_name == "pin_in_chat");
  CHECK(pin.pin_duration_s == 604800);
  CHECK_FALSE(pin.is_undone);
  check_target(pin);
  const Content keep = read("unkeep");
  CHECK(keep.kind == Kind::PinOrKeep);
  CHECK(keep.type_name == "keep_in_chat");
  CHECK(keep.is_undone);
}

TEST_CASE("an album is named, and keeps its context") {
  const Content content = read("album");
  CHECK(content.kind == Kind::Unsupported);
  CHECK(content.type_name == "album");
  CHECK(content.context.quote->id == "S");
}

TEST_CASE("view once and disappearing are noticed, however they are wrapped") {
  const Content once = read("view_once");
  CHECK(once.kind == Kind::Media);
  CHECK(once.is_view_once);
  CHECK_FALSE(once.is_ephemeral);
  const Content nested = read("nested");
  CHECK(nested.kind == Kind::Media);
  CHECK(nested.sent_to == Jid::parse("1-2@g.us"));
  CHECK(nested.is_view_once);
  CHECK(nested.is_ephemeral);
  CHECK(nested.message_secret == Bytes(32, 8));
  proto::Message inlined;
  inlined.mutable_extended_text_message()->set_view_once(true);
  CHECK(parse_content(serialized(inlined))->is_view_once);
}

TEST_CASE("a sender key beside a text") {
  const Content content = read("with_key");
  CHECK(content.kind == Kind::Text);
  REQUIRE(content.sender_key);
  CHECK(content.sender_key->group == "1-2@g.us");
  CHECK(content.sender_key->distribution == Bytes(5, 3));
}

TEST_CASE("the file of a channel has no key") {
  const Content content = read("channel");
  CHECK(content.kind == Kind::Media);
  CHECK(content.media->file.media_key.empty());
  CHECK(content.media->file.enc_sha256.empty());
  CHECK(content.media->file.sha256 == Bytes(32, 2));
}

TEST_CASE("a file with a key of another size, or without an address, is not rendered") {
  proto::Message message;
  proto::ImageMessage& image = *message.mutable_image_message();
  image.set_direct_path("/v/a");
  CHECK(parse_content(serialized(message))->kind == Kind::Media);
  image.set_media_key(std::string(31, 'k'));
  CHECK(parse_content(serialized(message))->kind == Kind::Unsupported);
  CHECK(parse_content(serialized(message))->type_name == "image");
  image.set_media_key(std::string(32, 'k'));
  image.clear_direct_path();
  CHECK(parse_content(serialized(message))->kind == Kind::Unsupported);
}

TEST_CASE("strings of peers are UTF-8 and bounded") {
  proto::Message message;
  proto::DocumentMessage& document = *message.mutable_document_message();
  document.set_direct_path("/v/a");
  document.set_file_name("\xC3\x28");
  document.set_jpeg_thumbnail(std::string(64 * 1024 + 1, 't'));
  const auto content = parse_content(serialized(message));
  REQUIRE(content);
  CHECK(content->media->filename.empty());
  CHECK(content->media->thumbnail.empty());
  std::string name(4095, 'a');
  name += "é";
  document.set_file_name(name);
  CHECK(parse_content(serialized(message))->media->filename == std::string(4095, 'a'));
  document.set_caption("\xC3\x28");
  CHECK(parse_content(serialized(message)).error().code == ErrorCode::PROTOCOL);
}

TEST_CASE("an over-long text is cut at a character") {
  std::string text(4 * 65536 - 1, 'a');
  const auto content = parse_content(encode_text(text + "👋"));
  REQUIRE(content);
  CHECK(content->text == text);
}

TEST_CASE("JIDs that are none are left out") {
  proto::Message message;
  proto::ContextInfo& info = *message.mutable_extended_text_message()->mutable_context_info();
  info.set_stanza_id("S");
  info.set_participant("not a jid");
  info.add_mentioned_jid("also@nowhere");
  info.add_mentioned_jid("5@lid");
  const auto content = parse_content(serialized(message));
  REQUIRE(content);
  CHECK(content->context.quote->participant.empty());
  CHECK(content->context.mentions == std::vector<std::string>{"5@lid"});
}

TEST_CASE("an action without a target is not one") {
  proto::Message reaction;
  reaction.mutable_reaction_message()->set_text("x");
  CHECK(parse_content(serialized(reaction))->kind == Kind::Unsupported);
  proto::Message revoke;
  revoke.mutable_protocol_message()->set_type(0);
  CHECK(parse_content(serialized(revoke))->kind == Kind::Protocol);
}

TEST_CASE("a copy inside of a copy is refused") {
  const Bytes copy = wrap_device_sent(encode_text("hi"), Jid::lid("1234"));
  CHECK(parse_content(wrap_device_sent(copy, Jid::lid("1234"))).error().code == ErrorCode::PROTOCOL);
}

TEST_CASE("messages nested a hundred deep are refused, quotes cut") {
  proto::Message wrapped;
  wrapped.set_conversation("deep");
  Bytes quoting = serialized(wrapped);
  for (int i = 0; i < 100; ++i) {
    proto::Message outer;
    *outer.mutable_ephemeral_message()->mutable_message() = wrapped;
    wrapped = outer;
    proto::Message reply;
    reply.mutable_extended_text_message()->set_text("reply");
    reply.mutable_extended_text_message()->mutable_context_info()->set_stanza_id("S");
    reply.mutable_extended_text_message()->mutable_context_info()->set_quoted_message(to_string(quoting));
    quoting = serialized(reply);
  }
  CHECK(parse_content(serialized(wrapped)).error().code == ErrorCode::PROTOCOL);
  const auto content = parse_content(quoting);
  REQUIRE(content);
  CHECK(content->text == "reply");
  CHECK(content->context.quote->message.size() < 20);
}
