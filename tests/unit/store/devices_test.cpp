#include "daemon/store/devices.h"

#include "daemon/store/facts.h"
#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::at;

struct Devices : test::MemoryStore {
  Devices() {
    sessions::insert(db, test::session_row("ses_a"));
    sessions::insert(db, test::session_row("ses_b"));
  }
};

TEST_CASE("a device comes back as it was saved, and is replaced by the next") {
  Devices store;
  CHECK_FALSE(devices::find(store.db, "ses_a"));
  DeviceRow row;
  row.session = "ses_a";
  row.noise_private = Bytes(32, 1);
  row.identity_private = Bytes(32, 2);
  row.registration_id = 0xffffffffu;
  row.signed_prekey_id = 1;
  row.signed_prekey_private = Bytes(32, 3);
  row.signed_prekey_signature = Bytes(64, 4);
  row.adv_secret = Bytes(32, 5);
  devices::save(store.db, row);
  row.jid = "6281234567890:3@s.whatsapp.net";
  row.lid = "123:3@lid";
  row.account = Bytes{9};
  row.platform = "android";
  row.business_name = "Toko";
  devices::save(store.db, row);
  devices::set_next_prekey_id(store.db, "ses_a", 813);
  devices::set_routing_info(store.db, "ses_a", Bytes{7, 8});

  const auto got = devices::find(store.db, "ses_a");
  REQUIRE(got);
  CHECK(got->session == "ses_a");
  CHECK(got->jid == row.jid);
  CHECK(got->lid == row.lid);
  CHECK(got->noise_private == row.noise_private);
  CHECK(got->identity_private == row.identity_private);
  CHECK(got->registration_id == 0xffffffffu);
  CHECK(got->signed_prekey_id == 1);
  CHECK(got->signed_prekey_private == row.signed_prekey_private);
  CHECK(got->signed_prekey_signature == row.signed_prekey_signature);
  CHECK(got->adv_secret == row.adv_secret);
  CHECK(got->account == Bytes{9});
  CHECK(got->next_prekey_id == 813);
  CHECK(got->platform == "android");
  CHECK(got->business_name == "Toko");
  CHECK(got->routing_info == Bytes{7, 8});
}

TEST_CASE("Signal rows are kept by kind and key") {
  Devices store;
  devices::put_signal(store.db, "ses_a", 0, "1.0", Bytes{1});
  devices::put_signal(store.db, "ses_a", 1, "1.0", Bytes{2});
  devices::put_signal(store.db, "ses_a", 0, "1.0", Bytes{3});
  CHECK(devices::find_signal(store.db, "ses_a", 0, "1.0") == Bytes{3});
  CHECK(devices::find_signal(store.db, "ses_a", 1, "1.0") == Bytes{2});
  CHECK_FALSE(devices::find_signal(store.db, "ses_b", 0, "1.0"));
  devices::put_signal(store.db, "ses_a", 0, "1.0", std::nullopt);
  CHECK_FALSE(devices::find_signal(store.db, "ses_a", 0, "1.0"));
  CHECK(devices::find_signal(store.db, "ses_a", 1, "1.0"));
}

TEST_CASE("the Signal rows of a user go together, of all devices and kinds, and nobody else's") {
  Devices store;
  for (const char* key : {"1234_1.0", "1234_1.5", "1234.0", "12345_1.0", "1234_10.0", "1234"}) {
    devices::put_signal(store.db, "ses_a", 0, key, Bytes{1});
    devices::put_signal(store.db, "ses_a", 1, key, Bytes{1});
  }
  devices::put_signal(store.db, "ses_b", 0, "1234_1.0", Bytes{1});
  devices::erase_signal_of_user(store.db, "ses_a", "1234_1.");
  std::vector<std::string> left;
  store.db.query("SELECT key FROM signal_rows WHERE session = 'ses_a' AND kind = 0 ORDER BY key", {},
                 [&](const Row& row) { left.push_back(row.text(0)); });
  CHECK(left == std::vector<std::string>{"1234", "1234.0", "12345_1.0", "1234_10.0"});
  CHECK(store.db.integer("SELECT count(*) FROM signal_rows WHERE session = 'ses_a' AND kind = 1") == 4);
  CHECK(devices::find_signal(store.db, "ses_b", 0, "1234_1.0"));
}

TEST_CASE("LID and phone number are found from either side; a new pair replaces both old ones") {
  Devices store;
  devices::put_lid(store.db, "ses_a", "111", "62811");
  devices::put_lid(store.db, "ses_a", "222", "62822");
  CHECK(devices::lid_of(store.db, "ses_a", "62811") == "111");
  CHECK(devices::pn_of(store.db, "ses_a", "222") == "62822");
  devices::put_lid(store.db, "ses_a", "111", "62822");
  CHECK(devices::pn_of(store.db, "ses_a", "111") == "62822");
  CHECK_FALSE(devices::lid_of(store.db, "ses_a", "62811"));
  CHECK_FALSE(devices::pn_of(store.db, "ses_a", "222"));
  CHECK_FALSE(devices::lid_of(store.db, "ses_b", "62822"));
}

TEST_CASE("device lists are kept until they are erased") {
  Devices store;
  CHECK_FALSE(devices::find_list(store.db, "ses_a", "62811"));
  devices::put_list(store.db, "ses_a", "62811", {0, 3, 65535}, at(0));
  CHECK(devices::find_list(store.db, "ses_a", "62811") == std::vector<std::uint16_t>{0, 3, 65535});
  devices::put_list(store.db, "ses_a", "62811", {}, at(1));
  CHECK(devices::find_list(store.db, "ses_a", "62811") == std::vector<std::uint16_t>{});
  devices::erase_list(store.db, "ses_a", "62811");
  CHECK_FALSE(devices::find_list(store.db, "ses_a", "62811"));
}

TEST_CASE("privacy tokens: ours and theirs are independent, an older one does not displace a newer") {
  Devices store;
  CHECK_FALSE(devices::find_privacy_token(store.db, "ses_a", "62811"));
  devices::set_privacy_token_issued(store.db, "ses_a", "62811", at(5));
  CHECK(devices::find_privacy_token(store.db, "ses_a", "62811")->token.empty());
  devices::put_privacy_token(store.db, "ses_a", "62811", Bytes{2}, at(2));
  devices::put_privacy_token(store.db, "ses_a", "62811", Bytes{1}, at(1));
  const auto token = devices::find_privacy_token(store.db, "ses_a", "62811");
  REQUIRE(token);
  CHECK(token->token == Bytes{2});
  CHECK(token->received_at == at(2));
  CHECK(token->issued_at == at(5));
}

TEST_CASE("erasing a device takes all that it knew, and leaves the session") {
  Devices store;
  DeviceRow row;
  row.session = "ses_a";
  devices::save(store.db, row);
  devices::put_signal(store.db, "ses_a", 2, "7", Bytes{1});
  devices::put_lid(store.db, "ses_a", "1", "2");
  devices::put_list(store.db, "ses_a", "1", {0}, at(0));
  devices::put_privacy_token(store.db, "ses_a", "1", Bytes{1}, at(0));
  devices::erase(store.db, "ses_a");
  CHECK_FALSE(devices::find(store.db, "ses_a"));
  CHECK_FALSE(devices::find_signal(store.db, "ses_a", 2, "7"));
  CHECK_FALSE(devices::lid_of(store.db, "ses_a", "2"));
  CHECK_FALSE(devices::find_list(store.db, "ses_a", "1"));
  CHECK_FALSE(devices::find_privacy_token(store.db, "ses_a", "1"));
  CHECK(sessions::find(store.db, "ses_a"));
}

TEST_CASE("facts are names with a value") {
  Devices store;
  CHECK_FALSE(facts::find(store.db, "version"));
  facts::put(store.db, "version", "1");
  facts::put(store.db, "version", "2");
  CHECK(facts::find(store.db, "version") == "2");
}

}  // namespace
}  // namespace konekwa::store
