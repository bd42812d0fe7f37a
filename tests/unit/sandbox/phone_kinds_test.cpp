#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/sandbox/media_server.h"
#include "daemon/wa/media.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

constexpr const char* kAnna = "6281234567890";
constexpr const char* kBudi = "6281234567891";

// Two phones without linked devices.
struct Phones {
  explicit Phones(sandbox::Options options = {}) : town(std::move(options)) {
    town.sandbox->create_account("Anna", kAnna);
    town.sandbox->create_account("Budi", kBudi);
  }

  Json call(int status, const std::string& method, const std::string& target, const Json& body = nullptr) {
    const sandbox::SandboxAnswer answer = town.sandbox->admin(method, target, body.is_null() ? "" : body.dump());
    INFO(method + " " + target + ": " + answer.body);
    CHECK(answer.status == status);
    const auto json = parse_json(answer.body);
    REQUIRE(json);
    town.loop.run_until_idle();
    return *json;
  }
  std::string say(const std::string& from, const std::string& to, Json saying) {
    saying["to"] = to;
    return call(200, "POST", "/admin/accounts/" + from + "/say", saying).at("id").get<std::string>();
  }
  Json entry(const std::string& number, const std::string& id) {
    const Json inbox = call(200, "GET", "/admin/accounts/" + number + "/inbox");
    for (const Json& one : inbox.at("messages")) {
      if (one.at("id") == id) return one;
    }
    FAIL(number + " has no message " + id);
    return nullptr;
  }
  std::string media(const std::string& number, const std::string& id) {
    const auto answer = town.sandbox->admin("GET", "/admin/accounts/" + number + "/inbox/" + id + "/media", "");
    if (answer.file.empty()) return std::to_string(answer.status);
    std::ifstream in(answer.file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  Town town;
};

std::string base64(const std::string& text) { return to_base64(as_bytes(text)); }

}  // namespace

TEST_CASE("phones send files of every kind and show what they have decrypted", "[sandbox][media]") {
  Phones phones;
  const char* kind =
      GENERATE("image", "video", "gif", "video_note", "audio", "voice", "document", "sticker");
  const std::string text = std::string("the ") + kind;
  const std::string id = phones.say(kAnna, kBudi, {{"kind", kind}, {"file_base64", base64(text)}, {"seconds", 7}});
  const Json seen = phones.entry(kBudi, id);
  CHECK(seen.at("kind") == kind);
  CHECK_FALSE(seen.contains("file_problem"));
  CHECK(seen.at("size") == text.size());
  CHECK(seen.at("sha256").get<std::string>().size() == 64);
  CHECK(phones.media(kBudi, id) == text);
  CHECK(phones.town.sandbox->violations().empty());
}

TEST_CASE("what describes a file goes with it", "[sandbox][media]") {
  Phones phones;
  const std::string id = phones.say(kAnna, kBudi, {{"kind", "document"},
                                                   {"file_base64", base64("%PDF")},
                                                   {"filename", "katalog.pdf"},
                                                   {"mimetype", "application/pdf"},
                                                   {"caption", "Katalog"}});
  const Json document = phones.entry(kBudi, id);
  CHECK(document.at("filename") == "katalog.pdf");
  CHECK(document.at("mimetype") == "application/pdf");
  CHECK(document.at("caption") == "Katalog");
  CHECK(document.at("text") == "Katalog");
  CHECK(document.at("sha256") == "315d429b7714cedb6ad04ac31240145257692630457f3c88253c5beceac76027");
  const std::string picture = phones.say(
      kAnna, kBudi,
      {{"kind", "image"}, {"file_base64", base64("x")}, {"width", 3}, {"height", 4}, {"view_once", true}});
  const Json image = phones.entry(kBudi, picture);
  CHECK(image.at("width") == 3);
  CHECK(image.at("height") == 4);
  CHECK(image.at("view_once") == true);
}

TEST_CASE("a file that the CDN no longer has is a problem, and no violation", "[sandbox][media]") {
  Phones phones;
  phones.call(200, "POST", "/admin/accounts/6281234567891/offline");
  const std::string id = phones.say(kAnna, kBudi, {{"kind", "image"}, {"file_base64", base64("x")}});
  CHECK(phones.call(200, "POST", "/admin/expire_media", Json::object()).at("expired") == 1);
  phones.call(200, "POST", "/admin/accounts/6281234567891/online");
  CHECK(phones.entry(kBudi, id).at("file_problem") == "the CDN answered 410");
  CHECK(phones.media(kBudi, id) == "404");
  CHECK(phones.media(kBudi, "nothing") == "404");
  CHECK(phones.town.sandbox->violations().empty());
}

TEST_CASE("a phone puts a file back that the CDN has lost, for its own devices", "[sandbox][media]") {
  Phones phones;
  Device toko(phones.town);
  toko.link(kBudi);
  toko.come_up();
  const std::string id = phones.say(kAnna, kBudi, {{"kind", "image"}, {"file_base64", base64("a picture")}});
  const wa::Node message = *toko.last("message");
  CHECK(message.attr("type") == "media");
  CHECK(message.child("enc")->attr("mediatype") == "image");
  const auto content = toko.open(message);
  REQUIRE(content);
  REQUIRE(content->media);
  wa::MediaFile file = content->media->file;
  sandbox::MediaServer& cdn = phones.town.sandbox->media();
  CHECK(cdn.download(file.direct_path).status == 200);
  cdn.expire(file.direct_path);
  CHECK(cdn.download(file.direct_path).status == 410);

  const wa::Jid chat = message.jid("from")->user_jid();
  const auto ask = [&](const std::string& wanted, ByteView key) {
    toko.heard.clear();
    toko.send(wa::media_retry_receipt(wanted, toko.pn, chat, false, std::nullopt, key, phones.town.random));
    phones.town.loop.run_until_idle();
    const auto notification = toko.last("notification", "mediaretry");
    REQUIRE(notification);
    CHECK(wa::media_retry_id(*notification) == wanted);
    return wa::parse_media_retry(*notification, file.media_key);
  };
  const auto again = ask(id, file.media_key);
  REQUIRE(again);
  CHECK(again->direct_path != file.direct_path);
  const auto found = cdn.download(again->direct_path);
  REQUIRE(found.file);
  const std::string plain_path = *cdn.store().new_path();
  CHECK(wa::decrypt_file(found.file->path, plain_path, file) == 9u);

  CHECK(ask("nothing", file.media_key).error().code == ErrorCode::NOT_FOUND);
  CHECK(phones.town.sandbox->violations().empty());
  CHECK_FALSE(ask(id, Bytes(32)));
  CHECK(phones.town.kinds_of_violations() == std::vector<std::string>{"media"});
}

TEST_CASE("phones send places, cards and polls", "[sandbox][media]") {
  Phones phones;
  const std::string place = phones.say(
      kAnna, kBudi, {{"kind", "location"}, {"latitude", -6.5}, {"longitude", 106.5}, {"name", "Toko"}});
  CHECK(phones.entry(kBudi, place).at("location") ==
        Json{{"latitude", -6.5}, {"longitude", 106.5}, {"name", "Toko"}, {"address", ""}});
  const std::string card = phones.say(kAnna, kBudi, {{"kind", "contact"}, {"name", "Citra"}, {"vcard", "BEGIN:VCARD"}});
  CHECK(phones.entry(kBudi, card).at("contacts")[0] == Json{{"name", "Citra"}, {"vcard", "BEGIN:VCARD"}});
  const std::string poll =
      phones.say(kAnna, kBudi, {{"kind", "poll"}, {"text", "Warna?"}, {"options", {"Merah", "Biru"}}});
  CHECK(phones.entry(kBudi, poll).at("text") == "Warna?");
  CHECK(phones.entry(kBudi, poll).at("poll").at("options") == Json{"Merah", "Biru"});
}

TEST_CASE("quotes, mentions, reactions, edits and revokes find their messages", "[sandbox][media]") {
  Phones phones;
  const std::string asked = phones.say(kAnna, kBudi, {{"text", "Jadi?"}});
  const std::string reply = phones.say(kBudi, kAnna, {{"text", "Ya"}, {"quote", asked}, {"mentions", {kAnna}}});
  CHECK(phones.entry(kAnna, reply).at("quote") == asked);
  CHECK(phones.entry(kAnna, reply).at("mentions") == Json{kAnna});

  const std::string like = phones.say(kBudi, kAnna, {{"kind", "reaction"}, {"target", asked}, {"emoji", "👍"}});
  CHECK(phones.entry(kAnna, like).at("target") == asked);
  CHECK(phones.entry(kAnna, like).at("text") == "👍");
  const std::string sent = "/admin/accounts/6281234567890/sent";
  CHECK(phones.call(200, "GET", sent).at("messages")[0].at("reactions") == Json{{kBudi, "👍"}});
  phones.say(kBudi, kAnna, {{"kind", "reaction"}, {"target", asked}, {"emoji", ""}});
  CHECK_FALSE(phones.call(200, "GET", sent).at("messages")[0].contains("reactions"));

  phones.say(kAnna, kBudi, {{"kind", "edit"}, {"target", asked}, {"text", "Jadi dua?"}});
  CHECK(phones.entry(kBudi, asked).at("text") == "Jadi dua?");
  CHECK(phones.entry(kBudi, asked).at("edited") == true);
  phones.say(kAnna, kBudi, {{"kind", "revoke"}, {"target", asked}});
  CHECK(phones.entry(kBudi, asked).at("revoked") == true);
  // Only the author can.
  phones.say(kAnna, kBudi, {{"kind", "revoke"}, {"target", reply}});
  CHECK_FALSE(phones.entry(kAnna, reply).contains("revoked"));
  CHECK(phones.town.sandbox->violations().empty());
}

TEST_CASE("what a phone cannot say is answered with the reason", "[sandbox][media]") {
  Phones phones;
  const auto refused = [&](int status, Json saying) {
    saying["to"] = kBudi;
    return phones.call(status, "POST", "/admin/accounts/6281234567890/say", saying).at("error").at("details");
  };
  CHECK(refused(400, {{"kind", "song"}, {"text", "x"}}) == "kind: a phone cannot send song");
  CHECK(refused(400, {{"kind", "image"}}) == "file: a media message needs a file");
  CHECK(refused(400, {{"kind", "image"}, {"file_base64", "?"}}) == "file_base64: not base64");
  CHECK(refused(404, {{"kind", "image"}, {"file", "00"}}) == "file: there is no file 00");
  CHECK(refused(400, {{"text", ""}}) == "text: a text is required");
  CHECK(refused(400, {{"text", 1}}) == "text: a string");
  CHECK(refused(400, {{"text", "x"}, {"width", -1}}) == "width: a number");
  CHECK(refused(400, {{"text", "x"}, {"mentions", "y"}}) == "mentions: a list of strings");
  CHECK(refused(400, {{"text", "x"}, {"colour", "red"}}) == "colour: there is no such field");
  CHECK(refused(400, {{"kind", "location"}, {"latitude", 91}}) == "latitude, longitude: not on the globe");
  CHECK(refused(404, {{"text", "x"}, {"quote", "nothing"}}) == "quote: nothing");
  CHECK(refused(404, {{"kind", "reaction"}, {"target", "nothing"}}) == "target: nothing");
  CHECK(refused(404, {{"text", "x"}, {"mentions", {"62899999999"}}}) == "mentions: there is no account 62899999999");
}

TEST_CASE("messages of every kind outlast a restart, files do not", "[sandbox][media]") {
  TempDir directory;
  sandbox::Options options;
  options.state_dir = directory.path();
  Phones phones(options);
  const std::string id = phones.say(kAnna, kBudi, {{"kind", "image"}, {"file_base64", base64("x")}, {"caption", "c"}});
  phones.say(kBudi, kAnna, {{"kind", "reaction"}, {"target", id}, {"emoji", "👍"}});
  const Json before = phones.entry(kBudi, id);
  phones.town.restart();
  CHECK(phones.entry(kBudi, id) == before);
  CHECK(phones.media(kBudi, id) == "404");
  CHECK(phones.call(200, "GET", "/admin/accounts/6281234567890/sent").at("messages")[0].at("reactions") ==
        Json{{kBudi, "👍"}});
}

}  // namespace konekwa::test
