#include "daemon/sandbox/pictures.h"
#include "daemon/wa/device_list.h"
#include "daemon/wa/stanzas.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

constexpr const char* kAnna = "6281234567890";
constexpr const char* kBudi = "6281234567891";

// Anna with two devices, and Budi, who knows her.
struct Street : Town {
  explicit Street(sandbox::Options o = {}) : Town(std::move(o)) {
    for (auto& [device, number] : {std::pair<Device&, const char*>{anna, kAnna}, {tablet, kAnna}, {budi, kBudi}}) {
      device.link(number);
      device.come_up();
    }
    budi.ask(wa::devices_usync_iq(budi.new_id(), "sid", {wa::Jid::pn(kAnna)}));
    forget();
  }

  void forget() {
    for (Device* device : {&anna, &tablet, &budi}) device->heard.clear();
  }

  wa::Node ask(Device& device, const char* xmlns, const char* type, std::optional<wa::Node> child,
               const std::optional<wa::Jid>& target = {}) {
    wa::Node iq("iq", {{"to", wa::Jid::of_server()}, {"type", type}, {"xmlns", xmlns}, {"id", device.new_id()}});
    if (target) iq.set("target", *target);
    if (child) iq.add(std::move(*child));
    return device.ask(iq);
  }

  wa::Node set_picture(Device& device, const Bytes& jpeg, const std::optional<wa::Jid>& target = {}) {
    return ask(device, "w:profile:picture", "set", wa::Node("picture", {{"type", "image"}}, jpeg), target);
  }

  wa::Node picture_of(Device& device, const wa::Jid& whose, const std::string& known = {}) {
    wa::Node query("picture", {{"type", "preview"}, {"query", "url"}});
    if (!known.empty()) query.set("id", known);
    return ask(device, "w:profile:picture", "get", query, whose);
  }

  // What usync says of Anna, as Budi asks.
  wa::Node usync(const char* protocol) {
    wa::Node list("list");
    list.add(wa::Node("user", {{"jid", wa::Jid::pn(kAnna)}}));
    wa::Node usync("usync", {{"sid", "s"}, {"mode", "query"}, {"last", "true"}, {"index", "0"}});
    usync.add(wa::Node("query", {}, wa::Node::Children{wa::Node(protocol)}));
    usync.add(list);
    const wa::Node answer = ask(budi, "usync", "get", usync);
    return *answer.child("usync")->child("list")->child("user")->child(protocol);
  }

  wa::Jid make_group() {
    wa::Node create("create", {{"subject", "Arisan"}});
    create.add(wa::Node("participant", {{"jid", wa::Jid::pn(kBudi)}}));
    wa::Node iq("iq", {{"to", wa::Jid{"", wa::Server::Group, 0}}, {"type", "set"}, {"xmlns", "w:g2"},
                       {"id", anna.new_id()}});
    iq.add(create);
    const wa::Node answer = anna.ask(iq);
    forget();
    return {answer.child("group")->attr("id"), wa::Server::Group, 0};
  }

  Device anna{*this}, tablet{*this}, budi{*this};
};

const Bytes kJpeg = {0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3};
const Bytes kOtherJpeg = {0xFF, 0xD8, 0xFF, 0xE0, 4, 5, 6};

std::string code_of(const wa::Node& answer) {
  return answer.child("error") ? answer.child("error")->attr("code") : answer.attr("type");
}

}  // namespace

TEST_CASE("a picture is set, shown, replaced and removed, and contacts hear of it", "[sandbox][profile]") {
  sandbox::Options options;
  options.media_base = "http://127.0.0.1:8090";
  Street street(options);
  CHECK(code_of(street.picture_of(street.budi, wa::Jid::pn(kAnna))) == "404");
  const wa::Node set = street.set_picture(street.anna, kJpeg);
  REQUIRE(set.child("picture"));
  const std::string id = set.child("picture")->attr("id");
  CHECK_FALSE(street.anna.last("notification", "picture"));
  for (Device* device : {&street.tablet, &street.budi}) {
    const auto news = device->last("notification", "picture");
    REQUIRE(news);
    CHECK(news->jid("from") == wa::Jid::pn(kAnna));
    CHECK(news->child("set")->attr("id") == id);
  }
  const wa::Node shown = street.picture_of(street.budi, street.anna.lid.user_jid());
  REQUIRE(shown.child("picture"));
  CHECK(shown.child("picture")->attr("id") == id);
  CHECK(shown.child("picture")->attr("type") == "preview");
  const std::string path = shown.child("picture")->attr("direct_path");
  CHECK(shown.child("picture")->attr("url") == "http://127.0.0.1:8090" + path);
  REQUIRE(street.sandbox->pictures().at_path(path));
  CHECK(street.sandbox->pictures().at_path(path)->jpeg == to_string(kJpeg));
  CHECK(street.picture_of(street.budi, wa::Jid::pn(kAnna), id).child("picture")->attr("status") == "304");
  CHECK(street.usync("picture").attr("id") == id);

  CHECK(street.set_picture(street.anna, kOtherJpeg).child("picture")->attr("id") != id);
  CHECK_FALSE(street.sandbox->pictures().at_path(path));
  street.forget();
  CHECK(code_of(street.ask(street.anna, "w:profile:picture", "set", std::nullopt)) == "result");
  CHECK(street.budi.last("notification", "picture")->child("delete"));
  CHECK(code_of(street.picture_of(street.budi, wa::Jid::pn(kAnna))) == "404");
  CHECK(street.usync("picture").attr("id") == "0");
}

TEST_CASE("only an own picture can be changed, and only to a JPEG", "[sandbox][profile]") {
  Street street;
  CHECK(code_of(street.set_picture(street.budi, kJpeg, wa::Jid::pn(kAnna))) == "401");
  CHECK(code_of(street.set_picture(street.anna, {1, 2, 3, 4})) == "406");
  CHECK(code_of(street.set_picture(street.anna, kJpeg, wa::Jid::pn("6289999999999"))) == "404");
}

TEST_CASE("a group has a picture, which admins alone change when it is locked", "[sandbox][profile]") {
  Street street;
  const wa::Jid group = street.make_group();
  CHECK(street.set_picture(street.budi, kJpeg, group).child("picture"));
  const auto news = street.anna.last("notification", "picture");
  REQUIRE(news);
  CHECK(news->jid("from") == group);
  CHECK(news->child("set")->jid("author") == street.budi.lid.user_jid());
  CHECK(street.picture_of(street.anna, group).child("picture"));
  wa::Node lock("iq", {{"to", group}, {"type", "set"}, {"xmlns", "w:g2"}, {"id", street.anna.new_id()}});
  lock.add(wa::Node("locked"));
  street.anna.ask(lock);
  CHECK(code_of(street.set_picture(street.budi, kOtherJpeg, group)) == "401");
  CHECK(street.set_picture(street.anna, kOtherJpeg, group).child("picture"));
  Device stranger(street);
  stranger.link("6281234567892");
  stranger.come_up();
  CHECK(code_of(street.picture_of(stranger, group)) == "401");
}

TEST_CASE("an about text is shown, and contacts hear of it", "[sandbox][profile]") {
  Street street;
  wa::Node about("status", {}, to_bytes("At the market"));
  CHECK(code_of(street.ask(street.anna, "status", "set", about)) == "result");
  for (Device* device : {&street.tablet, &street.budi}) {
    const auto news = device->last("notification", "status");
    REQUIRE(news);
    CHECK(news->jid("from") == wa::Jid::pn(kAnna));
    CHECK(news->child("set")->text() == "At the market");
  }
  CHECK(street.usync("status").text() == "At the market");
  wa::Node too_long("status", {}, to_bytes(std::string(140, 'a')));
  CHECK(code_of(street.ask(street.anna, "status", "set", too_long)) == "406");
}

TEST_CASE("the default timer of new chats is told to contacts and own devices", "[sandbox][profile]") {
  Street street;
  CHECK(street.usync("disappearing_mode").attr("duration") == "0");
  wa::Node timer("disappearing_mode", {{"duration", "86400"}});
  CHECK(code_of(street.ask(street.anna, "disappearing_mode", "set", timer)) == "result");
  const auto own = street.tablet.last("notification", "account_sync");
  REQUIRE(own);
  CHECK(own->child("disappearing_mode")->attr("duration") == "86400");
  const auto news = street.budi.last("notification", "disappearing_mode");
  REQUIRE(news);
  CHECK(news->jid("from") == wa::Jid::pn(kAnna));
  CHECK(news->child("disappearing_mode")->attr("duration") == "86400");
  CHECK(street.usync("disappearing_mode").attr("duration") == "86400");
  const wa::Node asked = street.ask(street.tablet, "disappearing_mode", "get", std::nullopt);
  CHECK(asked.child("disappearing_mode")->attr("duration") == "86400");
  CHECK(code_of(street.ask(street.anna, "disappearing_mode", "set", wa::Node("disappearing_mode"))) == "406");
}

TEST_CASE("pictures, about texts and timers survive a restart", "[sandbox][profile]") {
  TempDir directory;
  sandbox::Options options;
  options.state_dir = directory.path();
  Street street(options);
  const std::string id = street.set_picture(street.anna, kJpeg).child("picture")->attr("id");
  street.ask(street.anna, "disappearing_mode", "set", wa::Node("disappearing_mode", {{"duration", "604800"}}));
  street.restart();
  street.budi.come_up();
  CHECK(street.usync("picture").attr("id") == id);
  CHECK(street.usync("disappearing_mode").attr("duration") == "604800");
  const wa::Node shown = street.picture_of(street.budi, wa::Jid::pn(kAnna));
  CHECK(street.sandbox->pictures().at_path(shown.child("picture")->attr("direct_path"))->jpeg == to_string(kJpeg));
}

}  // namespace konekwa::test
