#include "daemon/wa/content.h"

#include "daemon/wa/content_names.h"
#include "daemon/wa/node_codec.h"
#include "daemon/wa/utf8.h"
#include "tests/support/seeded_random.h"

#include <catch2/catch.hpp>
#include "proto/e2e.pb.h"
#include "proto/history.pb.h"

using namespace konekwa;
using namespace konekwa::wa;
using Kind = Content::Kind;

namespace {

Bytes serialized(const google::protobuf::MessageLite& message) { return to_bytes(message.SerializeAsString()); }

// A Message with one field of octets, such as a picture.
Bytes message_with_field(int number, std::string_view value) {
  Bytes bytes;
  const auto put_varint = [&](std::uint32_t rest) {
    for (; rest >= 0x80; rest >>= 7) bytes.push_back(static_cast<std::uint8_t>(rest | 0x80));
    bytes.push_back(static_cast<std::uint8_t>(rest));
  };
  put_varint(static_cast<std::uint32_t>(number) << 3 | 2);
  put_varint(static_cast<std::uint32_t>(value.size()));
  append(bytes, as_bytes(value));
  return bytes;
}

proto::Message message_from(ByteView bytes) {
  proto::Message message;
  REQUIRE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return message;
}

}  // namespace

TEST_CASE("plain text is a conversation") {
  const Bytes bytes = encode_text("Halo, apa kabar? 👋");
  CHECK(message_from(bytes).conversation() == "Halo, apa kabar? 👋");
  const auto content = parse_content(bytes);
  REQUIRE(content);
  CHECK(content->kind == Kind::Text);
  CHECK(content->text == "Halo, apa kabar? 👋");
  CHECK(content->message == bytes);
  CHECK_FALSE(content->sent_to);
}

TEST_CASE("extended text is text, and may carry a secret") {
  const Bytes bytes = encode_text_with_secret("hi", Bytes(32, 7));
  CHECK(message_from(bytes).message_context_info().message_secret() == std::string(32, 7));
  const auto content = parse_content(bytes);
  CHECK(content->kind == Kind::Text);
  CHECK(content->text == "hi");
}

TEST_CASE("a copy of an own message says which chat it went to") {
  const Bytes inner = encode_text_with_secret("hi", Bytes(32, 7));
  const Bytes bytes = wrap_device_sent(inner, Jid::lid("1234"));
  CHECK(message_from(bytes).device_sent_message().destination_jid() == "1234@lid");
  CHECK(message_from(bytes).message_context_info().message_secret() == std::string(32, 7));
  const auto content = parse_content(bytes);
  REQUIRE(content);
  CHECK(content->sent_to == Jid::lid("1234"));
  CHECK(content->kind == Kind::Text);
  CHECK(content->text == "hi");
  CHECK(content->message == inner);
}

TEST_CASE("a secret outside of the copy moves inside") {
  proto::Message outer = message_from(wrap_device_sent(encode_text("hi"), Jid::lid("1234")));
  outer.mutable_message_context_info()->set_message_secret("secret");
  const auto content = parse_content(serialized(outer));
  REQUIRE(content);
  CHECK(message_from(content->message).message_context_info().message_secret() == "secret");
}

TEST_CASE("a copy without destination is refused") {
  proto::Message message;
  message.mutable_device_sent_message()->mutable_message()->set_conversation("hi");
  CHECK(parse_content(serialized(message)).error().code == ErrorCode::PROTOCOL);
}

TEST_CASE("wrappers are looked into") {
  proto::Message text;
  text.set_conversation("hi");
  proto::Message message;
  SECTION("disappearing") { *message.mutable_ephemeral_message()->mutable_message() = text; }
  SECTION("view once") { *message.mutable_view_once_message_v2()->mutable_message() = text; }
  SECTION("both") {
    proto::Message& inner = *message.mutable_ephemeral_message()->mutable_message();
    *inner.mutable_view_once_message()->mutable_message() = text;
  }
  const auto content = parse_content(serialized(message));
  CHECK(content->kind == Kind::Text);
  CHECK(content->text == "hi");
}

TEST_CASE("wrappers without end are not followed for ever") {
  proto::Message message;
  message.set_conversation("deep");
  for (int i = 0; i < 20; ++i) {
    proto::Message outer;
    *outer.mutable_ephemeral_message()->mutable_message() = message;
    message = outer;
  }
  CHECK(parse_content(serialized(message))->kind == Kind::Unsupported);
}

TEST_CASE("content that is not rendered has a name") {
  const std::pair<int, std::string> kinds[] = {{3, "image"},  {4, "contact"},   {5, "location"},       {7, "document"},
                                               {8, "audio"},  {9, "video"},     {26, "sticker"},       {46, "reaction"},
                                               {83, "album"}, {86, "sticker_pack"}, {28, "group_invite"},
                                               {129, "music"}, {999, "unknown_999"}};
  for (const auto& [field, name] : kinds) {
    const auto content = parse_content(message_with_field(field, ""));
    REQUIRE(content);
    CHECK(content->kind == Kind::Unsupported);
    CHECK(content->type_name == name);
  }
  CHECK(parse_content({})->type_name == "empty");
}

TEST_CASE("a named kind keeps its name beside keys and inside a copy") {
  const Bytes image = message_with_field(3, "");
  const auto copy = parse_content(wrap_device_sent(image, Jid::lid("1234")));
  CHECK(copy->type_name == "image");
  CHECK(copy->message == image);
  proto::Message keys;
  keys.mutable_sender_key_distribution_message()->set_group_id("1@g.us");
  CHECK(parse_content(serialized(keys))->kind == Kind::KeyDistribution);
  CHECK(parse_content(concat({serialized(keys), image}))->type_name == "image");
  CHECK(parse_content(concat({serialized(keys), encode_text("hi")}))->kind == Kind::Text);
}

TEST_CASE("app state keys and history are protocol") {
  const auto keys = parse_content(encode_app_state_key_share(Bytes(6, 1), Bytes(32, 2), from_unix_seconds(1700000000)));
  CHECK(keys->kind == Kind::Protocol);
  CHECK(keys->protocol_type == 6);
  const proto::Message share = message_from(keys->message);
  const auto& key = share.protocol_message().app_state_sync_key_share().keys(0);
  CHECK(key.key_id().key_id() == std::string(6, 1));
  CHECK(key.key_data().key_data() == std::string(32, 2));
  CHECK(key.key_data().timestamp() == 1700000000000);

  const auto history = parse_content(encode_history_notification(HistorySyncType::Recent, 2, 50));
  CHECK(history->protocol_type == 5);
  const proto::Message message = message_from(history->message);
  const auto& notification = message.protocol_message().history_sync_notification();
  CHECK(notification.sync_type() == 3);
  const auto blob = zlib_inflate(as_bytes(notification.initial_hist_bootstrap_inline_payload()), 1000);
  REQUIRE(blob);
  proto::HistorySync sync;
  REQUIRE(sync.ParseFromArray(blob->data(), static_cast<int>(blob->size())));
  CHECK(sync.sync_type() == 3);
  CHECK(sync.chunk_order() == 2);
  CHECK(sync.progress() == 50);
}

TEST_CASE("octets that are no message are refused") {
  CHECK(parse_content(as_bytes("not a message")).error().code == ErrorCode::PROTOCOL);
  CHECK(parse_content(encode_text("\xC3\x28")).error().code == ErrorCode::PROTOCOL);
}

TEST_CASE("padding is of 1 to 16 octets and is taken off again") {
  konekwa::test::SeededRandom random(1);
  std::array<int, 17> seen{};
  const Bytes message = to_bytes("message");
  for (int i = 0; i < 1000; ++i) {
    const Bytes padded = pad(message, random);
    const std::size_t count = padded.size() - message.size();
    REQUIRE(count >= 1);
    REQUIRE(count <= 16);
    ++seen[count];
    REQUIRE(unpad(padded) == message);
  }
  CHECK(std::all_of(seen.begin() + 1, seen.end(), [](int n) { return n > 0; }));
}

TEST_CASE("unpad takes up to 255 and refuses what is uneven") {
  CHECK(unpad(Bytes(255, 255))->empty());
  CHECK(unpad(concat({as_bytes("x"), Bytes(200, 200)})) == to_bytes("x"));
  CHECK_FALSE(unpad({}));
  CHECK_FALSE(unpad(Bytes{0}));
  CHECK_FALSE(unpad(Bytes{2}));
  CHECK_FALSE(unpad(Bytes{1, 2}));
  CHECK_FALSE(unpad(Bytes{3, 1, 3}));
}

TEST_CASE("UTF-8 is told from other octets") {
  for (const char* text : {"", "plain", "é", "€", "👋", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) CHECK(is_utf8(text));
  CHECK(is_utf8(std::string_view("\0", 1)));
  for (const char* text : {"\x80", "\xC3", "\xC3\x28", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "\xFF", "a\xE2\x82"}) {
    CHECK_FALSE(is_utf8(text));
  }
}
