#include "tests/unit/sandbox/town.h"

namespace konekwa::test {

TEST_CASE("a client that shows a QR code becomes a device of the phone that scans it", "[sandbox]") {
  Town town;
  Device device(town);
  device.link("6281234567890");
  CHECK(device.pn == wa::Jid::pn("6281234567890", 1));
  CHECK(device.lid.device == 1);
  CHECK(device.last("stream:error")->attr("code") == "515");

  device.come_up();
  CHECK(device.last("success")->jid("lid") == device.lid);
  CHECK(device.last("ib")->child("offline"));
  CHECK(town.sandbox->violations().empty());
}

TEST_CASE("each companion of an account gets a number of its own", "[sandbox]") {
  Town town;
  Device first(town), second(town);
  first.link("6281234567890");
  second.link("6281234567890");
  CHECK(second.pn.device == 2);
  CHECK(second.lid.user == first.lid.user);
}

TEST_CASE("a client without a push name gets an account of its own", "[sandbox]") {
  Town town;
  Device first(town), second(town);
  first.link();
  second.link();
  CHECK(first.pn.user != second.pn.user);
  CHECK(first.pn.device == 1);
}

TEST_CASE("QR texts that cannot be linked are refused with the reason", "[sandbox]") {
  Town town;
  Device device(town);
  const std::string qr = device.show_qr();

  SECTION("no QR text") { CHECK(town.sandbox->scan_qr("hello").error().code == ErrorCode::INVALID_REQUEST); }
  SECTION("shown by nobody") {
    std::string other = qr;
    other.replace(other.find("2@"), 8, "2@unknow");
    CHECK(town.sandbox->scan_qr(other).error().code == ErrorCode::NOT_FOUND);
  }
  SECTION("with the keys of another client") {
    Device stranger(town);
    stranger.noise = device.noise;
    std::string foreign = stranger.show_qr();
    foreign.replace(foreign.find("2@"), foreign.find(',') - foreign.find("2@"),
                    qr.substr(qr.find("2@"), qr.find(',') - qr.find("2@")));
    CHECK(town.sandbox->scan_qr(foreign).error().code == ErrorCode::CONFLICT);
    CHECK(town.kinds_of_violations() == std::vector<std::string>{"qr"});
  }
  SECTION("scanned a second time") {
    REQUIRE(town.sandbox->scan_qr(qr));
    CHECK(town.sandbox->scan_qr(qr).error().code == ErrorCode::CONFLICT);
  }
  SECTION("expired") {
    town.loop.advance(minutes(3));
    CHECK_FALSE(device.is_connected());
    CHECK(town.sandbox->scan_qr(qr).error().code == ErrorCode::QR_EXPIRED);
  }
  SECTION("not a phone number") {
    CHECK(town.sandbox->scan_qr(qr, "12").error().code == ErrorCode::INVALID_REQUEST);
  }
}

TEST_CASE("a device that signs with another key is not linked", "[sandbox]") {
  Town town;
  Device device(town);
  const std::string qr = device.show_qr();
  REQUIRE(town.sandbox->scan_qr(qr, "6281234567890"));
  town.loop.run_until_idle();
  const std::string id = device.last("iq", "set")->attr("id");
  wa::Node answer("iq", {{"to", wa::Jid::of_server()}, {"type", "result"}, {"id", id}});
  answer.add(wa::Node("pair-device-sign", {}, wa::Node::Children{wa::Node("device-identity", {}, Bytes(80, 7))}));
  device.send(answer);
  town.loop.advance(seconds(1));
  CHECK(town.kinds_of_violations() == std::vector<std::string>{"device-signature"});
  CHECK_FALSE(device.last("stream:error"));
  CHECK_FALSE(device.is_connected());
}

TEST_CASE("a signed prekey whose signature is wrong is a violation at registration", "[sandbox]") {
  Town town;
  Device device(town);
  device.identity.signed_prekey.signature[5] ^= 1;
  device.link("6281234567890");
  CHECK(town.kinds_of_violations() == std::vector<std::string>{"signed-prekey"});
}

TEST_CASE("contacts and sibling devices hear of a new device, and of its end", "[sandbox]") {
  Town town;
  Device first(town), contact(town), second(town);
  first.link("6281234567890");
  contact.link("6281234567891");
  first.come_up();
  contact.come_up();
  first.say("6281234567891", "hello", "A1");

  second.link("6281234567890");
  const auto added = contact.last("notification", "devices");
  REQUIRE(added);
  CHECK(added->child("add")->child("device")->jid("jid") == wa::Jid::pn("6281234567890", 2));
  CHECK(first.last("notification", "account_sync"));

  second.come_up();
  REQUIRE(town.sandbox->unlink("6281234567890", 2));
  town.loop.run_until_idle();
  CHECK(second.last("stream:error")->child("conflict")->attr("type") == "device_removed");
  CHECK(contact.last("notification", "devices")->child("remove"));
  second.log_in();
  CHECK(second.last("failure")->attr("reason") == "401");
  CHECK(town.sandbox->unlink("6281234567890", 2).error().code == ErrorCode::NOT_FOUND);
}

}  // namespace konekwa::test
