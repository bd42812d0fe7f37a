#include "daemon/wa/client_payload.h"

#include "daemon/wa/proto_bytes.h"

#include <fmt/format.h>
#include "proto/client_payload.pb.h"

#include <charconv>

namespace konekwa::wa {
namespace {

constexpr std::uint8_t kKeyType = 5;  // Curve25519
constexpr int kPlatformWeb = 14;
constexpr int kPlatformTypeChrome = 1;
constexpr int kWifiUnknown = 1, kUserActivated = 1, kReleaseChannelRelease = 0, kWebBrowser = 0;

template <class T>
void set_version(T& out, const Version& version) {
  out.set_primary(version.primary);
  out.set_secondary(version.secondary);
  out.set_tertiary(version.tertiary);
}

// What registration and login have in common. WhatsApp Web in a browser says the same.
proto::ClientPayload base_payload(const Version& version) {
  proto::ClientPayload payload;
  payload.set_passive(false);
  payload.set_pull(false);
  proto::UserAgent& agent = *payload.mutable_user_agent();
  agent.set_platform(kPlatformWeb);
  set_version(*agent.mutable_app_version(), version);
  agent.set_mcc("000");
  agent.set_mnc("000");
  agent.set_os_version("0.1");
  agent.set_manufacturer("");
  agent.set_device("Desktop");
  agent.set_os_build_number("0.1");
  agent.set_release_channel(kReleaseChannelRelease);
  agent.set_locale_language("en");
  agent.set_locale_country("US");
  payload.mutable_web_info()->set_web_sub_platform(kWebBrowser);
  payload.set_connect_type(kWifiUnknown);
  payload.set_connect_reason(kUserActivated);
  return payload;
}

// What the phone shows in its list of linked devices, and how much history it is asked for: as little as it gives.
proto::DeviceProps device_props() {
  proto::DeviceProps props;
  props.set_os("Konekwa");
  props.mutable_version()->set_primary(0);
  props.mutable_version()->set_secondary(1);
  props.mutable_version()->set_tertiary(0);
  props.set_platform_type(kPlatformTypeChrome);
  props.set_require_full_sync(false);
  proto::HistorySyncConfig& history = *props.mutable_history_sync_config();
  history.set_full_sync_days_limit(1);
  history.set_full_sync_size_mb_limit(1);
  history.set_storage_quota_mb(1);
  history.set_inline_initial_payload_in_e2ee_msg(true);
  history.set_recent_sync_days_limit(1);
  history.set_support_call_log_history(false);
  history.set_initial_sync_max_messages_per_chat(1);
  return props;
}

template <std::size_t N>
bool read_octets(const std::string& field, std::array<std::uint8_t, N>& out) {
  const auto octets = to_array<N>(as_bytes(field));
  if (octets) out = *octets;
  return octets.has_value();
}

bool read_id(const std::string& field, std::size_t size, std::uint32_t& out) {
  if (field.size() != size) return false;
  out = static_cast<std::uint32_t>(read_big_endian(as_bytes(field)));
  return true;
}

Result<> read_registration(const proto::DevicePairingData& data, ClientHelloInfo& info) {
  const auto key_type = to_array<1>(as_bytes(data.key_type()));
  if (!key_type || (*key_type)[0] != kKeyType) return fail(ErrorCode::PROTOCOL, "devicePairingData.eKeytype is not 05");
  if (!read_id(data.registration_id(), 4, info.registration_id) || !read_octets(data.identity(), info.identity) ||
      !read_id(data.signed_prekey_id(), 3, info.signed_prekey_id) ||
      !read_octets(data.signed_prekey(), info.signed_prekey) ||
      !read_octets(data.signed_prekey_signature(), info.signed_prekey_signature)) {
    return fail(ErrorCode::PROTOCOL, "devicePairingData has a field of a wrong length");
  }
  info.is_registration = true;
  info.build_hash = to_bytes(data.build_hash());
  return {};
}

Result<> read_login(const proto::ClientPayload& payload, ClientHelloInfo& info) {
  if (payload.username() == 0) return fail(ErrorCode::PROTOCOL, "neither devicePairingData nor username");
  if (payload.device() > 0xFFFF) return fail(ErrorCode::PROTOCOL, "device is out of range");
  info.username = std::to_string(payload.username());
  info.device = static_cast<std::uint16_t>(payload.device());
  return {};
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  std::array<std::uint32_t, 3> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const bool is_last = i + 1 == parts.size();
    if (is_last ? !text.empty() : !text.starts_with('.')) return std::nullopt;
    if (!is_last) text.remove_prefix(1);
  }
  return Version{parts[0], parts[1], parts[2]};
}

std::string to_string(const Version& version) {
  return fmt::format("{}.{}.{}", version.primary, version.secondary, version.tertiary);
}

Version default_version() { return {2, 3000, 1045649367}; }

Bytes registration_payload(const Version& version, const DeviceIdentity& device) {
  proto::ClientPayload payload = base_payload(version);
  proto::DevicePairingData& data = *payload.mutable_device_pairing_data();
  data.set_registration_id(field(big_endian(device.registration_id, 4)));
  data.set_key_type(std::string(1, static_cast<char>(kKeyType)));
  data.set_identity(field(device.identity.public_key));
  data.set_signed_prekey_id(field(big_endian(device.signed_prekey.id, 3)));
  data.set_signed_prekey(field(device.signed_prekey.key.public_key));
  data.set_signed_prekey_signature(field(device.signed_prekey.signature));
  data.set_build_hash(field(md5(as_bytes(to_string(version)))));
  data.set_device_props(field(serialize(device_props())));
  return serialize(payload);
}

Bytes login_payload(const Version& version, const Jid& own_device) {
  std::uint64_t username = 0;
  const char* end = own_device.user.data() + own_device.user.size();
  const auto parsed = std::from_chars(own_device.user.data(), end, username);
  KONEKWA_ASSERT(own_device.server == Server::Pn && parsed.ec == std::errc() && parsed.ptr == end);
  proto::ClientPayload payload = base_payload(version);
  payload.set_username(username);
  payload.set_device(own_device.device);
  payload.set_passive(true);
  payload.set_pull(true);
  payload.set_lid_db_migrated(true);
  payload.set_lc(1);
  return serialize(payload);
}

Result<ClientHelloInfo> parse_client_payload(ByteView bytes) {
  proto::ClientPayload payload;
  if (!parse(bytes, payload)) {
    return fail(ErrorCode::PROTOCOL, "not a ClientPayload");
  }
  ClientHelloInfo info;
  const proto::AppVersion& version = payload.user_agent().app_version();
  info.version = {version.primary(), version.secondary(), version.tertiary()};
  info.push_name = payload.push_name();
  info.passive = payload.passive();
  const auto read = payload.has_device_pairing_data() ? read_registration(payload.device_pairing_data(), info)
                                                      : read_login(payload, info);
  if (!read) return fail(read.error());
  return info;
}

}  // namespace konekwa::wa
