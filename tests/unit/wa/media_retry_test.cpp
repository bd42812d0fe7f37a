#include "daemon/wa/media.h"

#include <catch2/catch.hpp>

#include <numeric>

#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

const std::string kId = "3EB0C431D5A7";
const std::string kPath = "/v/t62.7118-24/again?ccb=11-4&oh=01_Q5&oe=6A";
const Jid kOwn = Jid::pn("6281234567890", 3);
const Jid kGroup = {"120363041234567890", Server::Group};

Bytes counting(std::uint8_t first, std::size_t size) {
  Bytes out(size);
  std::iota(out.begin(), out.end(), first);
  return out;
}
const Bytes kMediaKey = counting(0, 32);
const Bytes kIv = counting(100, 12);

class FixedIv final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    REQUIRE(out.size() == kIv.size());
    std::copy(kIv.begin(), kIv.end(), out.begin());
  }
};

// What Python's `cryptography` seals under the same key, iv and id.
const std::string kSealedReceipt = "c38d2f77f9bcd8423ee05fd9b3f945290cdc72ad7a1fd400cdd99c3e362c";
const std::string kSealedAnswer =
    "c38d2f77f9bcd8423ee05fd9b3f97721c07781be7cb79e280c5c2da0ac193629d87f824ef16b28ec7608aa2d1836549f9a2ec1336eddb41c"
    "ca881507717369021197a3a1b8bbeeaf27fa47774c9f";

Node notification_with(Bytes sealed, Bytes iv) {
  Node encrypt("encrypt");
  encrypt.add(Node("enc_p", {}, std::move(sealed))).add(Node("enc_iv", {}, std::move(iv)));
  Node notification("notification");
  notification.set("id", kId).set("from", kOwn.user_jid()).set("type", "mediaretry");
  notification.add(std::move(encrypt));
  return notification;
}

ErrorCode code_of(const Node& notification) {
  const auto answer = parse_media_retry(notification, kMediaKey);
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

struct Phone {
  konekwa::test::SeededRandom random{9};
  MediaRetryRequest request{kId, kGroup, false, Jid::lid("555")};
  Node answer(MediaRetryResult result, const std::string& path = kPath) {
    return media_retry_notification(request, kOwn.user_jid(), result, path, kMediaKey, random);
  }
};

}  // namespace

TEST_CASE("a media retry asks our own account, sealed by the media key", "[media]") {
  FixedIv random;
  const Node receipt = media_retry_receipt(kId, kOwn, kGroup, false, Jid::lid("555"), kMediaKey, random);
  CHECK(receipt.attr("id") == kId);
  CHECK(receipt.attr("to") == "6281234567890@s.whatsapp.net");
  CHECK(receipt.attr("type") == "server-error");
  REQUIRE(receipt.child("rmr"));
  CHECK(to_string(*receipt.child("rmr")) ==
        R"(<rmr jid="120363041234567890@g.us" from_me="false" participant="555@lid"/>)");
  const Node* encrypt = receipt.child("encrypt");
  REQUIRE(encrypt);
  CHECK(to_hex(encrypt->child("enc_p")->bytes()) == kSealedReceipt);
  CHECK(to_bytes(encrypt->child("enc_iv")->bytes()) == kIv);
}

TEST_CASE("a phone reads a media retry", "[media]") {
  konekwa::test::SeededRandom random(1);
  const Node receipt = media_retry_receipt(kId, kOwn, Jid::pn("628"), true, std::nullopt, kMediaKey, random);
  const auto request = parse_media_retry_receipt(receipt);
  REQUIRE(request);
  CHECK(request->message_id == kId);
  CHECK(request->chat == Jid::pn("628"));
  CHECK(request->from_me);
  CHECK_FALSE(request->participant);
  CHECK(open_media_retry_receipt(receipt, kMediaKey) == kId);
  CHECK_FALSE(open_media_retry_receipt(receipt, Bytes(32)));
  CHECK_FALSE(parse_media_retry_receipt(Node("receipt")));
}

TEST_CASE("the answer of a phone says where the file is", "[media]") {
  const Node notification = notification_with(*from_hex(kSealedAnswer), kIv);
  CHECK(media_retry_id(notification) == kId);
  const auto answer = parse_media_retry(notification, kMediaKey);
  REQUIRE(answer);
  CHECK(answer->message_id == kId);
  CHECK(answer->direct_path == kPath);
}

TEST_CASE("what a phone answers is read", "[media]") {
  Phone phone;
  const Node notification = phone.answer(MediaRetryResult::Success);
  CHECK(to_string(*notification.child("rmr")) ==
        R"(<rmr jid="120363041234567890@g.us" from_me="false" participant="555@lid"/>)");
  CHECK(parse_media_retry(notification, kMediaKey)->direct_path == kPath);
}

TEST_CASE("a phone that cannot help says why, sealed or not", "[media]") {
  Phone phone;
  CHECK(code_of(phone.answer(MediaRetryResult::NotFound)) == ErrorCode::NOT_FOUND);
  CHECK(code_of(phone.answer(MediaRetryResult::GeneralError)) == ErrorCode::MEDIA_DOWNLOAD_FAILED);
  CHECK(code_of(phone.answer(MediaRetryResult::DecryptionError)) == ErrorCode::MEDIA_DOWNLOAD_FAILED);
  const auto refusal = [&](MediaRetryResult result) { return media_retry_refusal(phone.request, kOwn, result); };
  CHECK(code_of(refusal(MediaRetryResult::NotFound)) == ErrorCode::NOT_FOUND);
  CHECK(code_of(refusal(MediaRetryResult::GeneralError)) == ErrorCode::MEDIA_DOWNLOAD_FAILED);
}

TEST_CASE("a media retry that is damaged or meant for another message is refused", "[media]") {
  Phone phone;
  const Bytes sealed = *from_hex(kSealedAnswer);
  Bytes flipped = sealed;
  flipped[3] ^= 1;
  CHECK(code_of(notification_with(flipped, kIv)) == ErrorCode::PROTOCOL);
  CHECK(code_of(notification_with(Bytes(7), kIv)) == ErrorCode::PROTOCOL);
  CHECK(code_of(notification_with(sealed, Bytes(11))) == ErrorCode::PROTOCOL);
  Node other = notification_with(sealed, kIv);
  other.set("id", "3EB0FFFFFFFF");
  CHECK(code_of(other) == ErrorCode::PROTOCOL);
  Node bare = notification_with(sealed, kIv);
  bare.content = {};
  CHECK(code_of(bare) == ErrorCode::PROTOCOL);
  for (const std::string path : {"", "//evil.example/x", "/v/a b"}) {
    CHECK(code_of(phone.answer(MediaRetryResult::Success, path)) == ErrorCode::PROTOCOL);
  }
  CHECK(parse_media_retry(notification_with(sealed, kIv), Bytes(31)).error().code == ErrorCode::PROTOCOL);
}

TEST_CASE("other notifications are no media retries", "[media]") {
  Node notification = notification_with(*from_hex(kSealedAnswer), kIv);
  notification.set("type", "devices");
  CHECK_FALSE(media_retry_id(notification));
  notification.set("type", "mediaretry").erase("id");
  CHECK_FALSE(media_retry_id(notification));
}
