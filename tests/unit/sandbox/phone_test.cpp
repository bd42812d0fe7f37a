#include "daemon/wa/stanzas.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

constexpr const char* kAnna = "6281234567890";
constexpr const char* kBudi = "6281234567891";

// Answers a message as a good client does.
std::string take(Device& device) {
  const auto message = device.last("message");
  REQUIRE(message);
  const auto text = device.read(*message);
  REQUIRE(text);
  device.send(wa::delivery_receipt(*message, wa::ReceiptKind::Delivered));
  return *text;
}

}  // namespace

TEST_CASE("a phone writes to all devices of the other side and of its own account", "[sandbox]") {
  Town town;
  Device toko(town), pelanggan(town);
  toko.link(kAnna);
  pelanggan.link(kBudi);
  toko.come_up();
  pelanggan.come_up();

  const auto id = town.sandbox->say(kAnna, kBudi, "from my phone");
  REQUIRE(id);
  town.loop.run_until_idle();
  CHECK(take(pelanggan) == "from my phone");
  CHECK(take(toko) == "from my phone");
  const wa::Node copy = *toko.last("message");
  CHECK(copy.jid("recipient") == pelanggan.lid.user_jid());
  CHECK_FALSE(copy.has("sender_pn"));
  CHECK(town.sandbox->inbox(kBudi).size() == 1);
  CHECK(town.admin("GET", "/admin/accounts/6281234567890/sent").find("delivered") != std::string::npos);
}

TEST_CASE("a phone that is off gets its mail when it is on again", "[sandbox]") {
  Town town;
  town.sandbox->create_account("toko", kAnna);
  town.sandbox->create_account("pelanggan", kBudi);
  REQUIRE(town.sandbox->set_phone_online(kBudi, false));
  REQUIRE(town.sandbox->say(kAnna, kBudi, "are you there?"));
  town.loop.run_until_idle();
  CHECK(town.sandbox->inbox(kBudi).empty());
  REQUIRE(town.sandbox->set_phone_online(kBudi, true));
  town.loop.run_until_idle();
  REQUIRE(town.sandbox->inbox(kBudi).size() == 1);
  CHECK(town.sandbox->inbox(kBudi)[0].text == "are you there?");
}

TEST_CASE("a phone reads a message when it is told to", "[sandbox]") {
  Town town;
  Device toko(town);
  toko.link(kAnna);
  toko.come_up();
  town.sandbox->create_account("pelanggan", kBudi);
  toko.say(kBudi, "hello", "A1");
  CHECK(town.sandbox->read(kBudi, "A2").error().code == ErrorCode::MESSAGE_NOT_FOUND);
  REQUIRE(town.sandbox->read(kBudi, "A1"));
  town.loop.run_until_idle();
  REQUIRE(toko.last("receipt", "read"));
  CHECK(toko.last("receipt", "read")->attr("id") == "A1");
}

TEST_CASE("a broken ratchet makes the other side ask again, and heals", "[sandbox]") {
  Town town;
  Device pelanggan(town);
  pelanggan.link(kBudi);
  pelanggan.come_up();
  town.sandbox->create_account("toko", kAnna);
  REQUIRE(town.sandbox->say(kAnna, kBudi, "one"));
  town.loop.run_until_idle();
  CHECK(take(pelanggan) == "one");

  REQUIRE(town.sandbox->corrupt_ratchet(kAnna, kBudi));
  REQUIRE(town.sandbox->say(kAnna, kBudi, "two"));
  town.loop.run_until_idle();
  const wa::Node broken = *pelanggan.last("message");
  REQUIRE_FALSE(pelanggan.read(broken));
  const wa::PreKey prekey = pelanggan.signal->generate_prekeys(500, 1).front();
  pelanggan.send(wa::retry_receipt(broken, 1, pelanggan.identity, wa::RetryKeys{prekey, pelanggan.account}));
  const wa::Node resent = *pelanggan.last("message");
  CHECK(resent.attr("id") == broken.attr("id"));
  CHECK(resent.child("enc")->attr("count") == "1");
  CHECK(pelanggan.read(resent) == std::string("two"));
  // The phone of the other side has been through the same.
  CHECK(town.sandbox->inbox(kBudi).size() == 2);
  CHECK(town.sandbox->violations().empty());
}

TEST_CASE("a message that the phone cannot decrypt is asked for again", "[sandbox]") {
  Town town;
  Device toko(town);
  toko.link(kAnna);
  toko.come_up();
  town.sandbox->create_account("pelanggan", kBudi);
  toko.say(kBudi, "one", "A1");
  REQUIRE(town.sandbox->corrupt_ratchet(kBudi, kAnna));
  toko.say(kBudi, "two", "A2");
  CHECK(town.sandbox->inbox(kBudi).size() == 1);
  REQUIRE(toko.last("receipt", "retry"));
  CHECK(toko.last("receipt", "retry")->attr("id") == "A2");

  toko.signal->delete_session(wa::Jid::lid(toko.last("receipt", "retry")->jid("from")->user));
  toko.say(kBudi, "two", "A2");
  REQUIRE(town.sandbox->inbox(kBudi).size() == 2);
  CHECK(town.sandbox->inbox(kBudi)[1].text == "two");
}

TEST_CASE("a restart keeps accounts, devices, ratchets and mail", "[sandbox]") {
  TempDir dir;
  sandbox::Options options;
  options.state_dir = dir.path();
  Town town(options);
  Device toko(town), pelanggan(town);
  toko.link(kAnna);
  pelanggan.link(kBudi);
  toko.come_up();
  pelanggan.come_up();
  toko.say(kBudi, "before", "A1");
  pelanggan.hang_up();
  toko.say(kBudi, "waiting", "A2");
  REQUIRE(town.sandbox->set_phone_online(kBudi, false));
  toko.say(kBudi, "for the phone", "A3");

  const wa::Key root = town.sandbox->root_key();
  town.restart();
  CHECK(town.sandbox->root_key() == root);
  CHECK(town.sandbox->inbox(kBudi).size() == 2);
  pelanggan.come_up();
  std::vector<std::string> ids;
  for (const wa::Node& message : pelanggan.all("message")) ids.push_back(message.attr("id"));
  REQUIRE(ids.size() >= 2);
  CHECK(std::vector(ids.end() - 2, ids.end()) == std::vector<std::string>{"A2", "A3"});

  toko.come_up();
  toko.send(toko.text_for(kBudi, "waiting", "A2"));   // a repeated id is still known
  toko.say(kBudi, "after", "A4");
  REQUIRE(town.sandbox->set_phone_online(kBudi, true));
  town.loop.run_until_idle();
  std::vector<std::string> texts;
  for (const auto& seen : town.sandbox->inbox(kBudi)) texts.push_back(seen.text);
  CHECK(texts == std::vector<std::string>{"before", "waiting", "for the phone", "after"});
  CHECK(town.sandbox->violations().empty());
}

}  // namespace konekwa::test
