// Linking a companion device to an account: the QR text, and the ADV objects by which the phone vouches for the
// companion and the companion for itself. Both ends are here: the companion's is the session's, the phone's
// is the sandbox's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "daemon/wa/keys.h"
#include "daemon/wa/node.h"

namespace konekwa::wa {

// What a QR code says. The text is "https://wa.me/settings/linked_devices#ref,noise,identity,adv,type".
struct LinkingCode {
  std::string ref;
  Key noise_public{};
  Key identity_public{};
  Bytes adv_secret;                 // 32 octets
  std::string client_type = "1";    // Chrome
};
std::string to_qr_text(const LinkingCode& code);
std::optional<LinkingCode> parse_qr_text(std::string_view text);   // with or without prefix, 4 or 5 fields

// --- the companion's end ---

struct PairSuccess {
  std::string iq_id;
  Jid jid, lid;                     // with our device id
  std::string platform, business_name;
  Bytes account;                    // ADVSignedDeviceIdentity with accountSignatureKey and our deviceSignature: to keep
  Key account_identity{};           // the phone's Signal identity
  std::uint32_t key_index = 0;
  Node answer;                      // <iq type=result><pair-device-sign>: to be sent once `account` is durable
};
// Verifies HMAC and account signature, and signs. On failure `refusal` is what to answer.
struct PairRefused {
  Error error;
  Node refusal;
};
tl::expected<PairSuccess, PairRefused> accept_pair_success(const Node& iq, ByteView adv_secret, const KeyPair& identity,
                                                           Random& random);
// The octets of <device-identity>, sent with a pkmsg: the account as kept.
Bytes device_identity_content(ByteView account);

// --- the phone's end ---

struct LinkedDevice {               // what a phone decides about a new companion
  std::uint32_t raw_id = 0;         // constant for an account identity
  std::uint32_t key_index = 0;      // unique, increasing for each companion
  Time linked_at{};
};
// <pair-success> for the companion that showed `code`.
Node make_pair_success(const LinkingCode& code, const KeyPair& account_identity, const LinkedDevice& device,
                       const Jid& jid, const Jid& lid, const std::string& iq_id, Time now, Random& random);
// Checks the companion's answer: container matches what was sent, device signature verifies. The full container
// (with accountSignatureKey put back) on success.
Result<Bytes> check_pair_device_sign(const Node& answer, const Key& companion_identity, const Key& account_identity);
// Checks a <device-identity> as sent with a pkmsg: account and device signature, for this companion identity.
Result<> check_device_identity(ByteView container, const Key& companion_identity, const Key& account_identity);
// ADVSignedKeyIndexList over the phone (0) and these companions.
Bytes make_key_index_list(const KeyPair& account_identity, std::uint32_t raw_id,
                          const std::vector<std::uint32_t>& key_indexes, Time now, Random& random);

}  // namespace konekwa::wa
