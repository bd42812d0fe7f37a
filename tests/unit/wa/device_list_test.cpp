#include "daemon/wa/device_list.h"

#include "daemon/wa/linking.h"
#include "tests/support/seeded_random.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

namespace {

Node device_node(const std::string& id, const std::string& key_index = {}) {
  Node device("device", {{"id", id}});
  if (!key_index.empty()) device.set("key-index", key_index);
  return device;
}

Node user_node(const Jid& jid, Node::Children devices) {
  return Node("user", {{"jid", jid}},
              Node::Children{Node("devices", {}, Node::Children{Node("device-list", {}, std::move(devices))})});
}

Node answer_with(Node::Children users) {
  Node usync("usync", {}, Node::Children{Node("result"), Node("list", {}, std::move(users))});
  return Node("iq", {{"type", std::string("result")}}, Node::Children{std::move(usync)});
}

using Ids = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("a usync asks for devices and LIDs of users") {
  CHECK(to_string(devices_usync_iq("7", "sid-1", {Jid::pn("6281234567890", 3), Jid::lid("1234")})) ==
        R"(<iq id="7" to="s.whatsapp.net" type="get" xmlns="usync">)"
        R"(<usync sid="sid-1" mode="query" last="true" index="0" context="message">)"
        R"(<query><devices version="2"/><lid/></query>)"
        R"(<list><user jid="6281234567890@s.whatsapp.net"/><user jid="1234@lid"/></list></usync></iq>)");
}

TEST_CASE("devices and LIDs are read") {
  Node first = user_node(Jid::pn("6281234567890"), {device_node("0"), device_node("7", "1"), device_node("12", "2")});
  first.add(Node("lid", {{"val", Jid::lid("1234")}}));
  const auto users = parse_devices_usync(answer_with({first, user_node(Jid::lid("99"), {device_node("0")})}));
  REQUIRE(users);
  REQUIRE(users->size() == 2);
  CHECK((*users)[0].user == Jid::pn("6281234567890"));
  CHECK((*users)[0].lid == Jid::lid("1234"));
  CHECK((*users)[0].device_ids == Ids{0, 7, 12});
  CHECK((*users)[1].user == Jid::lid("99"));
  CHECK_FALSE((*users)[1].lid);
}

TEST_CASE("hosted, unlisted and impossible devices are left out") {
  Node hosted = device_node("8", "3");
  hosted.set("is_hosted", "true");
  const Node user = user_node(Jid::lid("1"), {device_node("0"), hosted, device_node("99", "4"), device_node("9"),
                                              device_node("70000", "5"), device_node("x", "6"), device_node("-1", "7"),
                                              device_node("5", "8"), device_node("5", "8"), device_node("6", "z")});
  CHECK(parse_devices_usync(answer_with({user}))->front().device_ids == Ids{0, 5});
}

TEST_CASE("an account has so many devices and no more, whatever the server says") {
  Node::Children devices;
  for (int id = 0; id < 60'000; ++id) devices.push_back(device_node(std::to_string(id), "1"));
  const auto users = parse_devices_usync(answer_with({user_node(Jid::pn("628"), devices)}));
  REQUIRE(users);
  CHECK(users->front().device_ids.size() == 64);

  Node remove("remove");
  for (int id = 0; id < 60'000; ++id) remove.add(Node("device", {{"jid", Jid::pn("628", 7)}}));
  Node notification("notification", {{"from", Jid::pn("628")}, {"type", "devices"}});
  notification.add(std::move(remove));
  CHECK(parse_devices_notification(notification)->removed.size() == 64);
}

TEST_CASE("a key index list says which companions the account vouches for") {
  konekwa::test::SeededRandom random(2);
  const KeyPair account = generate_key_pair(random);
  Node user = user_node(Jid::lid("1"), {device_node("0"), device_node("1", "1"), device_node("2", "2"),
                                        device_node("3", "4")});
  Node& devices = std::get<Node::Children>(user.content)[0];
  devices.add(Node("key-index-list", {{"ts", std::string("1700000000")}},
                   make_key_index_list(account, 5, {1, 3}, from_unix_seconds(1700000000), random)));
  CHECK(parse_devices_usync(answer_with({user}))->front().device_ids == Ids{0, 1, 3});

  std::get<Node::Children>(devices.content)[1].content = to_bytes("damaged");
  CHECK(parse_devices_usync(answer_with({user}))->front().device_ids == Ids{0, 1, 2, 3});
}

TEST_CASE("users that the server does not know are missing") {
  const Node devices("devices", {}, Node::Children{Node("error", {{"code", std::string("404")}})});
  const Node unknown("user", {{"jid", Jid::pn("6281111111111")}}, Node::Children{devices});
  const Node known = user_node(Jid::lid("1"), {device_node("0")});
  const auto users = parse_devices_usync(answer_with({unknown, Node("user"), known}));
  REQUIRE(users);
  CHECK(users->size() == 1);
}

TEST_CASE("usync answers that are none are refused") {
  CHECK(parse_devices_usync(Node("iq")).error().code == ErrorCode::PROTOCOL);
  CHECK(parse_devices_usync(Node("iq", {{"type", std::string("error")}})).error().code == ErrorCode::SERVER_REJECTED);
}

TEST_CASE("a devices notification says whose list changed") {
  Node notification("notification", {{"from", Jid::pn("6281234567890")}, {"type", std::string("devices")},
                                     {"lid", Jid::lid("1234")}});
  notification.add(Node("remove", {}, Node::Children{Node("device", {{"jid", Jid::pn("6281234567890", 7)}})}));
  const auto changed = parse_devices_notification(notification);
  REQUIRE(changed);
  CHECK(changed->user == Jid::pn("6281234567890"));
  CHECK(changed->lid == Jid::lid("1234"));
  CHECK(changed->removed == Ids{7});
}

TEST_CASE("adding a device removes none") {
  Node notification("notification", {{"from", Jid::lid("1234")}, {"type", std::string("devices")}});
  notification.add(Node("add", {}, Node::Children{Node("device", {{"jid", Jid::lid("1234", 7)}})}));
  const auto changed = parse_devices_notification(notification);
  REQUIRE(changed);
  CHECK_FALSE(changed->lid);
  CHECK(changed->removed.empty());
}

TEST_CASE("account_sync counts only with a device list") {
  Node notification("notification", {{"from", Jid::pn("6281234567890")}, {"type", std::string("account_sync")}});
  CHECK_FALSE(parse_devices_notification(notification));
  notification.add(Node("devices"));
  CHECK(parse_devices_notification(notification));
}

TEST_CASE("other notifications are none of device lists") {
  Node notification("notification", {{"from", Jid::lid("1")}, {"type", std::string("encrypt")}});
  CHECK_FALSE(parse_devices_notification(notification));
  notification.set("type", "devices").set("from", Jid::of_server());
  CHECK_FALSE(parse_devices_notification(notification));
  notification.erase("from");
  CHECK_FALSE(parse_devices_notification(notification));
}
