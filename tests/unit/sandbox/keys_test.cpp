#include "daemon/sandbox/key_stock.h"
#include "daemon/sandbox/ratchet_watch.h"
#include "daemon/wa/device_list.h"
#include "daemon/wa/prekeys.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

constexpr const char* kAnna = "6281234567890";
constexpr const char* kBudi = "6281234567891";

std::vector<std::uint32_t> fetched_ids(Device& asker, const wa::Jid& device, int times) {
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < times; ++i) {
    const auto bundles = wa::parse_prekey_fetch(asker.ask(wa::prekey_fetch_iq(asker.new_id(), {device})));
    REQUIRE(bundles);
    REQUIRE(bundles->size() == 1);
    REQUIRE((*bundles)[0].bundle);
    const auto& prekey = (*bundles)[0].bundle->prekey;
    ids.push_back(prekey ? prekey->id : 0);
  }
  return ids;
}

}  // namespace

TEST_CASE("one-time prekeys are handed out once; the owner hears when few are left", "[sandbox]") {
  Town town;
  Device toko(town), pelanggan(town);
  toko.link(kAnna);
  pelanggan.link(kBudi);
  toko.come_up();
  pelanggan.come_up();

  const auto first = fetched_ids(toko, pelanggan.lid, 1);
  const auto more = fetched_ids(toko, pelanggan.pn, 4);
  CHECK(std::find(more.begin(), more.end(), first[0]) == more.end());
  REQUIRE(pelanggan.last("notification", "encrypt"));
  CHECK(wa::parse_prekey_count(pelanggan.ask(wa::prekey_count_iq(pelanggan.new_id()))).value() ==
        static_cast<int>(*pelanggan.last("notification", "encrypt")->child("count")->number("value")));
  CHECK(fetched_ids(toko, pelanggan.lid, 5).back() == 0);   // none left: the bundle comes without one
}

TEST_CASE("a phone has a fresh prekey for everybody who asks; unknown devices are errors", "[sandbox]") {
  Town town;
  Device toko(town);
  toko.link(kAnna);
  toko.come_up();
  town.sandbox->create_account("", kBudi);
  CHECK(fetched_ids(toko, wa::Jid::pn(kBudi), 3) == std::vector<std::uint32_t>{1, 2, 3});
  const auto unknown = wa::parse_prekey_fetch(toko.ask(wa::prekey_fetch_iq(toko.new_id(), {wa::Jid::pn(kBudi, 7)})));
  REQUIRE(unknown);
  CHECK_FALSE((*unknown)[0].bundle);
}

TEST_CASE("the digest covers what was uploaded", "[sandbox]") {
  Town town;
  Device toko(town);
  toko.link(kAnna);
  toko.come_up();
  const auto digest = wa::parse_digest(toko.ask(wa::prekey_digest_iq(toko.new_id())));
  REQUIRE(digest);
  CHECK(digest->registration_id == toko.identity.registration_id);
  CHECK(digest->identity == toko.identity.identity.public_key);
  std::vector<wa::Key> keys;
  for (const std::uint32_t id : digest->prekey_ids) keys.push_back(toko.signal->prekey(id)->key.public_key);
  CHECK(digest->hash ==
        wa::digest_hash(digest->identity, digest->signed_prekey, digest->signed_prekey_signature, keys));
}

TEST_CASE("an upload with wrong keys is a violation", "[sandbox]") {
  Town town;
  Device toko(town);
  toko.link(kAnna);
  toko.come_up();
  wa::DeviceIdentity wrong = toko.identity;
  std::vector<std::string> expected = {"prekey-upload"};
  SECTION("registration id") { ++wrong.registration_id; }
  SECTION("signature") {
    wrong.signed_prekey.signature[0] ^= 1;
    expected = {"signed-prekey"};
  }
  SECTION("identity") { wrong.identity = wa::generate_key_pair(town.random); }
  toko.ask(wa::prekey_upload_iq(toko.new_id(), wrong, toko.signal->generate_prekeys(100, 1)));
  CHECK(town.kinds_of_violations() == expected);
}

TEST_CASE("a prekey id is used for one key only", "[sandbox]") {
  sandbox::KeyStock stock;
  const wa::Jid toko = wa::Jid::lid("100", 1), pelanggan = wa::Jid::lid("200", 1);
  CHECK(stock.add({1, wa::Key{1}}).empty());
  CHECK(stock.add({1, wa::Key{1}}).empty());
  CHECK_FALSE(stock.add({1, wa::Key{2}}).empty());
  CHECK_FALSE(stock.add({0, wa::Key{2}}).empty());
  CHECK(stock.take_bundle(toko).prekey->id == 1);
  CHECK_FALSE(stock.add({1, wa::Key{1}}).empty());

  CHECK(stock.use(1, toko, Bytes{1}).empty());
  CHECK(stock.use(1, toko, Bytes{1}).empty());
  CHECK_FALSE(stock.use(1, toko, Bytes{2}).empty());
  CHECK_FALSE(stock.use(1, pelanggan, Bytes{1}).empty());
  CHECK_FALSE(stock.use(9, toko, Bytes{1}).empty());
  CHECK(stock.hand_out({9, wa::Key{9}}, toko).empty());
  CHECK_FALSE(stock.hand_out({9, wa::Key{9}}, pelanggan).empty());
  CHECK(stock.use(9, toko, Bytes{1}).empty());
}

TEST_CASE("usync echoes how people were asked for and leaves out who is unknown", "[sandbox]") {
  Town town;
  Device toko(town);
  toko.link(kAnna);
  toko.come_up();
  const wa::Jid unknown = wa::Jid::pn("6280000000000");
  const auto lists = wa::parse_devices_usync(
      toko.ask(wa::devices_usync_iq(toko.new_id(), "sid", {wa::Jid::pn(kAnna), toko.lid.user_jid(), unknown})));
  REQUIRE(lists);
  REQUIRE(lists->size() == 2);
  CHECK((*lists)[0].user == wa::Jid::pn(kAnna));
  CHECK((*lists)[0].lid == toko.lid.user_jid());
  CHECK((*lists)[0].device_ids == std::vector<std::uint16_t>{0, 1});
  CHECK((*lists)[1].user == toko.lid.user_jid());

  const wa::Node query("query", {}, wa::Node::Children{wa::Node("contact"), wa::Node("lid")});
  wa::Node users("list");
  for (const char* number : {"+6281234567890", "+6280000000000"}) {
    users.add(wa::Node("user", {}, wa::Node::Children{wa::Node("contact", {}, to_bytes(std::string_view(number)))}));
  }
  wa::Node iq("iq", {{"id", toko.new_id()}, {"to", wa::Jid::of_server()}, {"xmlns", "usync"}, {"type", "get"}});
  iq.add(wa::Node("usync", {{"sid", "1"}}, wa::Node::Children{query, users}));
  const wa::Node answer = toko.ask(iq);
  const auto found = answer.child("usync")->child("list")->children("user");
  REQUIRE(found.size() == 2);
  CHECK(found[0]->child("contact")->attr("type") == "in");
  CHECK(found[0]->child("contact")->text() == "+6281234567890");
  CHECK(found[0]->child("lid")->jid("val") == toko.lid.user_jid());
  CHECK(found[1]->child("contact")->attr("type") == "out");
}

TEST_CASE("a counter that carries two messages is a ratchet that went back", "[sandbox]") {
  sandbox::RatchetWatch watch;
  const Bytes key(33, 5);
  CHECK(watch.is_forward("a", "b", key, 0, Bytes{1}));
  CHECK(watch.is_forward("a", "b", key, 1, Bytes{2}));
  CHECK(watch.is_forward("a", "b", key, 1, Bytes{2}));
  CHECK(watch.is_forward("a", "c", key, 1, Bytes{3}));
  CHECK_FALSE(watch.is_forward("a", "b", key, 1, Bytes{4}));
}

}  // namespace konekwa::test
