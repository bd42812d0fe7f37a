// Files of a hostile contact, and a CDN that fails in every way it can. To add an attack, add a row.
#include <catch2/catch.hpp>

#include <fstream>

#include "common/sha256.h"
#include "daemon/sandbox/phone_operations.h"
#include "daemon/store/message_media.h"
#include "tests/sim/hostile_stage.h"

using namespace konekwa;
using namespace konekwa::sim;

namespace {

constexpr int kMany = 40;
using Spoil = std::function<void(wa::MediaContent&)>;

// A picture at the CDN, and the message about it.
Bytes picture(Stage& stage, const std::string& content, const Spoil& spoil) {
  sandbox::MediaStore& store = stage.network().media.store();
  const auto plain = store.new_path(), encrypted = store.new_path();
  std::ofstream(*plain, std::ios::binary) << content;
  const auto sealed = wa::encrypt_file(*plain, *encrypted, wa::MediaKind::Image, {});
  KONEKWA_ASSERT(sealed);
  store.discard(*plain);
  const auto stored = stage.network().media.keep("image", *encrypted, sealed->enc_sha256);
  wa::Content out;
  out.kind = wa::Content::Kind::Media;
  out.text = "a picture";
  out.media.emplace();
  wa::MediaFile& file = out.media->file;
  file.kind = wa::MediaKind::Image;
  file.mimetype = "image/jpeg";
  file.url = stored.url;
  file.direct_path = stored.direct_path;
  file.media_key = sealed->media_key;
  file.sha256 = sealed->sha256;
  file.enc_sha256 = sealed->enc_sha256;
  file.length = sealed->length;
  file.key_time = stage.world.loop.now();
  spoil(*out.media);
  return wa::encode_content(out, {});
}

void send_spoiled(Stage& stage, const Spoil& spoil) { stage.peer.send(picture(stage, "octets of a picture", spoil)); }

void send_octets(Stage& stage, const Bytes& octets) {
  send_spoiled(stage, [&](wa::MediaContent& media) {
    const auto path = stage.network().media.store().new_path();
    std::ofstream(*path, std::ios::binary) << to_string(octets);
    media.file.enc_sha256 = *sha256_of_file(*path);
    media.file.direct_path = stage.network().media.keep("image", *path, media.file.enc_sha256).direct_path;
  });
}

// --- what a message says of its file ---

void lengths_that_lie(Stage& stage) {
  for (const std::uint64_t length : {0ull, 1ull, 1ull << 62, 1ull << 63, ~0ull}) {
    send_spoiled(stage, [&](wa::MediaContent& media) { media.file.length = length; });
  }
}
void hashes_that_lie(Stage& stage) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{32}, std::size_t{5000}}) {
    send_spoiled(stage, [&](wa::MediaContent& media) { media.file.sha256 = Bytes(size, 7); });
    send_spoiled(stage, [&](wa::MediaContent& media) { media.file.enc_sha256 = Bytes(size, 7); });
    send_spoiled(stage, [&](wa::MediaContent& media) { media.file.media_key = Bytes(size, 7); });
    send_spoiled(stage, [&](wa::MediaContent& media) {
      media.file.sha256 = media.file.enc_sha256 = media.file.media_key = Bytes(size, 7);
    });
  }
}
void paths_that_lead_elsewhere(Stage& stage) {
  for (const std::string& path : {std::string("//10.0.0.1/x"), std::string("/../../../etc/passwd"),
                                  std::string("/\\10.0.0.1/x"), std::string("@10.0.0.1/"), std::string(":1/x"),
                                  std::string("/v/#x"), std::string("/v/ x"), std::string("/v/\r\nHost: x"),
                                  std::string(5000, '/'), "/v/" + std::string(4000, 'a'), std::string("http://x/")}) {
    send_spoiled(stage, [&](wa::MediaContent& media) { media.file.direct_path = path; });
  }
}
void odd_names(Stage& stage) {
  for (const std::string& name : {std::string("../../../../tmp/x"), std::string("\xff\xfe"), std::string(100'000, 'n'),
                                  std::string("a\0b", 3), std::string("\r\nSet-Cookie: x")}) {
    send_spoiled(stage, [&](wa::MediaContent& media) { media.file.mimetype = media.filename = name; });
  }
}
void huge_thumbnails(Stage& stage) {
  send_spoiled(stage, [](wa::MediaContent& media) {
    media.thumbnail = Bytes(1 << 20, 0xFF);
    media.width = media.height = media.seconds = 0xFFFFFFFF;
  });
}

// --- what is in the file ---

void octets_that_do_not_verify(Stage& stage) {
  constexpr std::size_t kSizes[] = {0, 1, 9, 10, 11, 15, 16, 25, 26, 42, 65'546, 65'552, 200'000};
  for (const std::size_t size : kSizes) send_octets(stage, Bytes(size, 0x41));
}
void files_that_are_not_there(Stage& stage) {
  (void)stage.world.network->set_phone_online(stage.world.own_number, false);   // so that nobody says so either
  for (int i = 0; i < kMany; ++i) {
    send_spoiled(stage, [i](wa::MediaContent& media) { media.file.direct_path = fmt::format("/v/not-there-{}", i); });
  }
}
// Whoever sends names the message. Two senders have chosen one name, and neither file is there.
void one_name_for_many(Stage& stage) {
  (void)stage.world.network->set_phone_online(stage.world.own_number, false);
  const std::string id = stage.peer.new_id();
  const auto gone = [](wa::MediaContent& media) { media.file.direct_path = "/v/not-there"; };
  for (int i = 0; i < 8; ++i) {
    wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(picture(stage, "x", gone)));
    // In as many chats: the server is hostile, too, or the contact has as many accounts.
    wa::Node stanza = stage.peer.stanza_in_group(id, {fmt::format("12036300000000000{}", i), wa::Server::Group, 0});
    stanza.add(HostilePeer::enc(std::string(to_string(sealed.type)), std::move(sealed.bytes)));
    stage.peer.deliver(std::move(stanza));
  }
}
void answers_of_the_phone_that_lie(Stage& stage) {
  stage.network().tamper = [](wa::Node& node) {
    if (node.attr("type") == "mediaretry") node.content = wa::Node::Children{wa::Node("encrypt")};
  };
  stage.world.say_file(stage.bystander, "a file that goes");
  stage.world.expire_files();
  stage.world.loop.advance(minutes(2));
}

// --- the CDN ---

template <CdnFault fault>
void cdn(Stage& stage) {
  stage.world.cdn.failure_rate = 1;
  stage.world.cdn.faults = {fault};
  stage.world.say_file(stage.bystander, fmt::format("during {}", static_cast<int>(fault)));
  stage.world.accept_image(stage.bystander, fmt::format("picture during {}", static_cast<int>(fault)));
  stage.world.loop.advance(minutes(2));
  stage.world.cdn.failure_rate = 0;
}

struct Attack {
  const char* name;
  void (*run)(Stage& stage);
};

constexpr Attack kAttacks[] = {
    {"lengths that lie", lengths_that_lie},
    {"hashes and keys that lie", hashes_that_lie},
    {"paths that lead elsewhere", paths_that_lead_elsewhere},
    {"odd names", odd_names},
    {"huge thumbnails", huge_thumbnails},
    {"octets that do not verify", octets_that_do_not_verify},
    {"files that are not there", files_that_are_not_there},
    {"one name for many", one_name_for_many},
    {"answers of the phone that lie", answers_of_the_phone_that_lie},
    {"a CDN that refuses", cdn<CdnFault::Refused>},
    {"a CDN that loses", cdn<CdnFault::Lost>},
    {"a CDN that drips", cdn<CdnFault::Drip>},
    {"a CDN that has nothing", cdn<CdnFault::Absent>},
    {"a CDN that has forgotten", cdn<CdnFault::Gone>},
    {"a CDN that redirects", cdn<CdnFault::Redirected>},
    {"a CDN that flips bits", cdn<CdnFault::Flipped>},
    {"a CDN that stops short", cdn<CdnFault::Short>},
    {"a CDN that says more", cdn<CdnFault::Longer>},
    {"a CDN that says nothing", cdn<CdnFault::Empty>},
    {"a CDN that never ends", cdn<CdnFault::Endless>},
};

std::optional<store::MessageMediaRow> media_of(Stage& stage, const std::string& id) {
  const auto message = store::messages::find_by_wa_id(stage.world.disk(), kSession, id, false);
  return message ? store::message_media::find(stage.world.disk(), message->sequence) : std::nullopt;
}

}  // namespace

TEST_CASE("hostile files and a failing CDN cost nothing but themselves", "[hostile]") {
  for (const Attack& attack : kAttacks) {
    INFO(attack.name);
    Stage stage;
    CHECK(stage.attack(attack.run) == std::vector<std::string>{});

    stage.world.say_file(stage.bystander, "a good picture");
    const Ledger::Said said = stage.world.ledger.said.back();
    const auto is_stored = [&] {
      const auto media = media_of(stage, said.id);
      return media && media->state == store::MediaState::STORED;
    };
    CHECK(stage.world.loop.run_until(is_stored, minutes(1)));

    (void)stage.world.network->set_phone_online(stage.world.own_number, true);
    const auto is_over = [&] { return stage.count("SELECT count(*) FROM message_media WHERE state = 'PENDING'") == 0; };
    CHECK(stage.world.loop.run_until(is_over, hours(1)));
    CHECK(stage.count("SELECT count(*) FROM message_media WHERE state = 'FAILED' AND error = ''") == 0);
    CHECK(stage.count("SELECT count(*) FROM messages WHERE state IN ('QUEUED', 'SENDING')") == 0);
  }
}
