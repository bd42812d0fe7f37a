#include "daemon/wa/client_payload.h"

#include "tests/support/seeded_random.h"

#include <catch2/catch.hpp>
#include "proto/client_payload.pb.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

proto::ClientPayload parsed(ByteView bytes) {
  proto::ClientPayload payload;
  REQUIRE(payload.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return payload;
}

Bytes serialized(const proto::ClientPayload& payload) { return to_bytes(payload.SerializeAsString()); }

DeviceIdentity some_device() {
  konekwa::test::SeededRandom random(3);
  return generate_device_identity(random);
}

}  // namespace

TEST_CASE("versions are read and written") {
  CHECK(Version::parse("2.3000.1045649367") == default_version());
  CHECK(to_string(default_version()) == "2.3000.1045649367");
  CHECK(Version::parse("2.3000.0") == Version{2, 3000, 0});
  for (const char* text : {"", "2", "2.3000", "2.3000.", "2.3000.x", "2.3000.1.4", "2.3000.1 ", "-1.0.0", "2..1",
                           "2.3000.4294967296"}) {
    CHECK_FALSE(Version::parse(text));
  }
}

TEST_CASE("a registration says who the device is") {
  const DeviceIdentity device = some_device();
  const Bytes bytes = registration_payload(default_version(), device);
  const auto info = parse_client_payload(bytes);
  REQUIRE(info);
  CHECK(info->is_registration);
  CHECK(info->version == default_version());
  CHECK(info->registration_id == device.registration_id);
  CHECK(info->identity == device.identity.public_key);
  CHECK(info->signed_prekey_id == device.signed_prekey.id);
  CHECK(info->signed_prekey == device.signed_prekey.key.public_key);
  CHECK(info->signed_prekey_signature == device.signed_prekey.signature);
  CHECK(info->build_hash.size() == 16);
  CHECK_FALSE(info->passive);
  CHECK(info->username.empty());
  CHECK(info->push_name.empty());
}

TEST_CASE("a registration has the fields of WhatsApp Web") {
  const proto::ClientPayload payload = parsed(registration_payload(default_version(), some_device()));
  CHECK_FALSE(payload.has_username());
  CHECK_FALSE(payload.has_device());
  CHECK(payload.has_passive());
  CHECK_FALSE(payload.passive());
  CHECK(payload.has_pull());
  CHECK_FALSE(payload.pull());
  CHECK_FALSE(payload.has_push_name());
  CHECK(payload.user_agent().platform() == 14);
  CHECK(payload.user_agent().mcc() == "000");
  CHECK(payload.user_agent().device() == "Desktop");
  CHECK(payload.user_agent().locale_language() == "en");
  CHECK(payload.user_agent().locale_country() == "US");
  CHECK(payload.web_info().has_web_sub_platform());
  CHECK(payload.connect_type() == 1);
  CHECK(payload.connect_reason() == 1);

  proto::DeviceProps props;
  REQUIRE(props.ParseFromString(payload.device_pairing_data().device_props()));
  CHECK(props.os() == "Konekwa");
  CHECK(props.platform_type() == 1);
  CHECK(props.version().secondary() == 1);
  CHECK_FALSE(props.require_full_sync());
  CHECK(props.history_sync_config().inline_initial_payload_in_e2ee_msg());
}

TEST_CASE("the build hash has the value that other clients compute") {
  const auto info = parse_client_payload(registration_payload({2, 3000, 0}, some_device()));
  CHECK(to_hex(info->build_hash) == "c64f56d39d2b6a4f88838f2885c810a5");
}

TEST_CASE("a login names the number and the device") {
  const Bytes bytes = login_payload(default_version(), Jid::pn("6281234567890", 12));
  const auto info = parse_client_payload(bytes);
  REQUIRE(info);
  CHECK_FALSE(info->is_registration);
  CHECK(info->username == "6281234567890");
  CHECK(info->device == 12);
  CHECK(info->passive);
  const proto::ClientPayload payload = parsed(bytes);
  CHECK(payload.pull());
  CHECK(payload.lid_db_migrated());
  CHECK(payload.lc() == 1);
  CHECK_FALSE(payload.has_device_pairing_data());
}

TEST_CASE("the push name of other clients is read") {
  proto::ClientPayload payload = parsed(login_payload(default_version(), Jid::pn("6281234567890", 1)));
  payload.set_push_name("Penjual");
  CHECK(parse_client_payload(serialized(payload))->push_name == "Penjual");
}

TEST_CASE("payloads that lack something are refused") {
  const auto is_refused = [](const proto::ClientPayload& payload) {
    const auto result = parse_client_payload(serialized(payload));
    return !result && result.error().code == ErrorCode::PROTOCOL;
  };
  CHECK_FALSE(parse_client_payload(as_bytes("garbage")));
  CHECK(is_refused({}));

  proto::ClientPayload login = parsed(login_payload(default_version(), Jid::pn("6281234567890", 1)));
  login.set_device(65536);
  CHECK(is_refused(login));

  const proto::ClientPayload sound = parsed(registration_payload(default_version(), some_device()));
  using Change = void (*)(proto::DevicePairingData&);
  for (const Change change : std::initializer_list<Change>{
           [](auto& data) { data.set_key_type("\x06"); }, [](auto& data) { data.clear_key_type(); },
           [](auto& data) { data.set_registration_id("123"); }, [](auto& data) { data.mutable_identity()->pop_back(); },
           [](auto& data) { data.set_signed_prekey_id("1234"); }, [](auto& data) { data.clear_signed_prekey(); },
           [](auto& data) { data.mutable_signed_prekey_signature()->push_back('x'); }}) {
    proto::ClientPayload payload = sound;
    change(*payload.mutable_device_pairing_data());
    CHECK(is_refused(payload));
  }
}
