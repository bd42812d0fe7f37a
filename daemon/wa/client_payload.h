// What a client says of itself inside the Noise handshake, made and read.
#pragma once

#include <optional>
#include <string>

#include "common/error.h"
#include "daemon/wa/jid.h"
#include "daemon/wa/signal/signal_state.h"

namespace konekwa::wa {

struct Version {  // "2.3000.1045649367"
  std::uint32_t primary = 2, secondary = 3000, tertiary = 0;
  static std::optional<Version> parse(std::string_view text);
  auto operator<=>(const Version&) const = default;
};
std::string to_string(const Version& version);
Version default_version();          // the newest that the project's protocol notes know

// Serialized ClientPayloads. We send no push name.
Bytes registration_payload(const Version& version, const DeviceIdentity& device);
Bytes login_payload(const Version& version, const Jid& own_device);   // username and device of the PN jid

// The server's view of either.
struct ClientHelloInfo {
  bool is_registration = false;
  Version version;
  std::string push_name;
  // login
  std::string username;             // digits
  std::uint16_t device = 0;
  bool passive = false;
  // registration; keys as received, lengths checked, the signed prekey's signature NOT verified
  std::uint32_t registration_id = 0;
  Key identity{};
  std::uint32_t signed_prekey_id = 0;
  Key signed_prekey{};
  Signature signed_prekey_signature{};
  Bytes build_hash;
};
Result<ClientHelloInfo> parse_client_payload(ByteView payload);

}  // namespace konekwa::wa
