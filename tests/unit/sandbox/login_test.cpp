#include "daemon/wa/client_payload.h"
#include "daemon/wa/stanzas.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {

TEST_CASE("a login with another noise key or an unknown device is refused with 401", "[sandbox]") {
  Town town;
  Device device(town);
  device.link("6281234567890");
  SECTION("another key") { device.noise = wa::generate_key_pair(town.random); }
  SECTION("another device") { device.pn.device = 9; }
  SECTION("an unknown number") { device.pn.user = "6289999999999"; }
  SECTION("the phone itself") { device.pn.device = 0; }
  device.log_in();
  REQUIRE(device.last("failure"));
  CHECK(device.last("failure")->attr("reason") == "401");
}

TEST_CASE("a second login replaces the first", "[sandbox]") {
  Town town;
  Device device(town);
  device.link("6281234567890");
  device.come_up();
  Device twin(town);
  twin.noise = device.noise;
  twin.pn = device.pn;
  twin.log_in();
  CHECK(twin.last("success"));
  CHECK(device.last("stream:error")->child("conflict")->attr("type") == "replaced");
}

TEST_CASE("clients below the minimum version are told that they are outdated", "[sandbox]") {
  Town town;
  Device device(town);
  device.link("6281234567890");
  device.version = {2, 3000, 5};
  CHECK(town.admin("POST", "/admin/version", R"({"minimum":"2.3000.6"})").starts_with("200"));
  device.log_in();
  CHECK(device.last("failure")->attr("reason") == "405");
  CHECK(town.admin("POST", "/admin/version", R"({"minimum":""})").starts_with("200"));
  device.log_in();
  CHECK(device.last("success"));
}

TEST_CASE("the next login fails as it was told to", "[sandbox]") {
  Town town;
  Device device(town);
  device.link("6281234567890");
  town.admin("POST", "/admin/faults", R"({"login_failure":503})");
  device.log_in();
  CHECK(device.last("failure")->attr("reason") == "503");
  town.admin("POST", "/admin/faults", R"({"login_stream_error":500})");
  device.log_in();
  CHECK(device.last("stream:error")->attr("code") == "500");
  device.log_in();
  CHECK(device.last("success"));
}

TEST_CASE("the first login is followed by keys and history from the own phone, once", "[sandbox]") {
  Town town;
  Device device(town);
  device.link("6281234567890");
  device.come_up();
  const auto messages = device.all("message");
  REQUIRE(messages.size() == 2);
  for (const wa::Node& message : messages) {
    CHECK(message.attr("category") == "peer");
    CHECK(message.jid("from") == wa::Jid::pn("6281234567890"));
    CHECK_FALSE(message.has("offline"));
    CHECK(device.read(message));
    device.send(wa::delivery_receipt(message, wa::ReceiptKind::PeerMessage));
  }
  device.come_up();
  CHECK(device.all("message").empty());
  CHECK(device.last("ib")->child("offline")->attr("count") == "0");
}

TEST_CASE("what clients ask when they come up is answered; anything unknown gets 501", "[sandbox]") {
  Town town;
  Device device(town);
  device.link("6281234567890");
  device.come_up();
  const auto ask = [&](const char* xmlns, const char* type, const char* child) {
    wa::Node iq("iq", {{"id", device.new_id()}, {"to", wa::Jid::of_server()}, {"xmlns", xmlns}, {"type", type}});
    if (*child != '\0') iq.add(wa::Node(child));
    return device.ask(iq);
  };
  CHECK(ask("w:p", "get", "").attr("type") == "result");
  CHECK(ask("w:p", "get", "ping").attr("type") == "result");
  CHECK(ask("abt", "get", "props").child("props"));
  CHECK(ask("blocklist", "get", "").child("list"));
  CHECK(ask("privacy", "get", "privacy").child("privacy")->children().size() == 10);
  CHECK(ask("urn:xmpp:whatsapp:dirty", "set", "clean").attr("type") == "result");
  CHECK(ask("w:m", "set", "media_conn").child("media_conn")->child("host"));
  CHECK(ask("w:sync:app:state", "set", "sync").child("sync"));
  const wa::Node refused = ask("w:mex", "get", "query");
  CHECK(refused.attr("type") == "error");
  CHECK(refused.child("error")->attr("code") == "501");
}

}  // namespace konekwa::test
