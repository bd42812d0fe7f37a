// The ADV objects themselves: how they are put together, signed and verified.
// `details` are signed as octets, so they are kept as received and never serialized again.
#pragma once

#include <optional>
#include <vector>

#include "common/error.h"
#include "daemon/wa/linking.h"

namespace konekwa::wa {

// An ADVSignedDeviceIdentity: the account vouches for a companion, and the companion for itself.
struct AdvAccount {
  Bytes details;               // ADVDeviceIdentity
  Key account_identity{};
  Signature account_signature{};
  Bytes device_signature;      // empty until the companion has signed
  std::uint32_t key_index = 0;
  bool is_hosted = false;      // the device is; another prefix is signed then

  // The phone's end: details and account signature.
  static AdvAccount vouch(const KeyPair& account_keys, const Key& companion_identity, const LinkedDevice& device,
                          Random& random);
  // PROTOCOL when damaged. `known_identity` stands in for an account key that was left out.
  static Result<AdvAccount> parse(ByteView container, const std::optional<Key>& known_identity = std::nullopt);

  void sign_as_device(const KeyPair& companion, Random& random);
  bool verify_account_signature(const Key& companion_identity) const;
  bool verify_device_signature(const Key& companion_identity) const;
  Bytes serialize() const;
  Bytes serialize_without_key() const;
};

// ADVSignedDeviceIdentityHMAC around a container, by the secret of the QR code.
Bytes seal_adv_hmac(ByteView container, ByteView secret);
Result<Bytes> open_adv_hmac(ByteView sealed, ByteView secret);  // BAD_SIGNATURE, PROTOCOL

// Which companions an ADVSignedKeyIndexList allows. Its signature is not looked at. Nothing when damaged.
struct KeyIndexes {
  std::uint32_t current = 0;
  std::vector<std::uint32_t> valid;

  // Companions that were linked after the list was made are beyond `current`.
  bool allows(std::uint32_t key_index) const;
};
std::optional<KeyIndexes> read_key_index_list(ByteView list);

}  // namespace konekwa::wa
