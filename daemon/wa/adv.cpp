#include "daemon/wa/adv.h"

#include "daemon/wa/proto_bytes.h"

#include "proto/adv.pb.h"

#include <algorithm>

namespace konekwa::wa {
namespace {

// Two octets in front of what is signed say what kind of statement it is.
using Prefix = std::array<std::uint8_t, 2>;
constexpr Prefix kAccountPrefix = {6, 0};
constexpr Prefix kDevicePrefix = {6, 1};
constexpr Prefix kKeyIndexListPrefix = {6, 2};
constexpr Prefix kHostedPrefix = {6, 5};
constexpr int kHosted = 1;

Bytes hmac_over(ByteView details, bool is_hosted, ByteView secret) {
  return is_hosted ? hmac_sha256(secret, concat({kHostedPrefix, details})) : hmac_sha256(secret, details);
}

Bytes signed_by_account(const AdvAccount& account, const Key& companion_identity) {
  return concat({account.is_hosted ? kHostedPrefix : kAccountPrefix, account.details, companion_identity});
}

Bytes signed_by_device(const AdvAccount& account, const Key& companion_identity) {
  return concat({kDevicePrefix, account.details, companion_identity, account.account_identity});
}

proto::AdvSignedDeviceIdentity to_proto(const AdvAccount& account) {
  proto::AdvSignedDeviceIdentity container;
  container.set_details(field(account.details));
  container.set_account_signature(field(account.account_signature));
  if (!account.device_signature.empty()) container.set_device_signature(field(account.device_signature));
  return container;
}

}  // namespace

AdvAccount AdvAccount::vouch(const KeyPair& account_keys, const Key& companion_identity, const LinkedDevice& device,
                             Random& random) {
  proto::AdvDeviceIdentity details;
  details.set_raw_id(device.raw_id);
  details.set_timestamp(static_cast<std::uint64_t>(unix_seconds(device.linked_at)));
  details.set_key_index(device.key_index);
  AdvAccount account;
  account.details = wa::serialize(details);
  account.account_identity = account_keys.public_key;
  account.key_index = device.key_index;
  account.account_signature = sign(account_keys.private_key, signed_by_account(account, companion_identity), random);
  return account;
}

Result<AdvAccount> AdvAccount::parse(ByteView bytes, const std::optional<Key>& known_identity) {
  proto::AdvSignedDeviceIdentity container;
  proto::AdvDeviceIdentity details;
  if (!wa::parse(bytes, container) || !wa::parse(as_bytes(container.details()), details)) {
    return fail(ErrorCode::PROTOCOL, "the device identity is damaged");
  }
  auto identity = strip_type_byte(as_bytes(container.account_signature_key()));
  if (container.account_signature_key().empty()) identity = known_identity;
  const auto signature = to_array<64>(as_bytes(container.account_signature()));
  if (!identity || !signature) return fail(ErrorCode::PROTOCOL, "the device identity lacks the account's part");
  return AdvAccount{to_bytes(container.details()), *identity, *signature, to_bytes(container.device_signature()),
                    details.key_index(), details.device_type() == kHosted};
}

void AdvAccount::sign_as_device(const KeyPair& companion, Random& random) {
  device_signature = to_bytes(sign(companion.private_key, signed_by_device(*this, companion.public_key), random));
}

bool AdvAccount::verify_account_signature(const Key& companion_identity) const {
  return verify(account_identity, signed_by_account(*this, companion_identity), account_signature);
}

bool AdvAccount::verify_device_signature(const Key& companion_identity) const {
  return verify(companion_identity, signed_by_device(*this, companion_identity), device_signature);
}

Bytes AdvAccount::serialize() const {
  proto::AdvSignedDeviceIdentity container = to_proto(*this);
  container.set_account_signature_key(field(account_identity));
  return wa::serialize(container);
}

Bytes AdvAccount::serialize_without_key() const { return wa::serialize(to_proto(*this)); }

Bytes seal_adv_hmac(ByteView container, ByteView secret) {
  proto::AdvSignedDeviceIdentityHmac sealed;
  sealed.set_details(field(container));
  sealed.set_hmac(field(hmac_over(container, false, secret)));
  return wa::serialize(sealed);
}

Result<Bytes> open_adv_hmac(ByteView bytes, ByteView secret) {
  proto::AdvSignedDeviceIdentityHmac sealed;
  if (!wa::parse(bytes, sealed)) return fail(ErrorCode::PROTOCOL, "the sealed device identity is damaged");
  const ByteView details = as_bytes(sealed.details());
  if (!equal(hmac_over(details, sealed.account_type() == kHosted, secret), as_bytes(sealed.hmac()))) {
    return fail(ErrorCode::BAD_SIGNATURE, "the HMAC of the device identity");
  }
  return to_bytes(details);
}

Bytes make_key_index_list(const KeyPair& account_identity, std::uint32_t raw_id,
                          const std::vector<std::uint32_t>& key_indexes, Time now, Random& random) {
  proto::AdvKeyIndexList details;
  details.set_raw_id(raw_id);
  details.set_timestamp(static_cast<std::uint64_t>(unix_seconds(now)));
  details.set_current_index(key_indexes.empty() ? 0 : *std::max_element(key_indexes.begin(), key_indexes.end()));
  details.add_valid_indexes(0);
  for (const std::uint32_t index : key_indexes) details.add_valid_indexes(index);
  proto::AdvSignedKeyIndexList list;
  const Bytes signed_details = wa::serialize(details);
  list.set_details(field(signed_details));
  const Bytes statement = concat({kKeyIndexListPrefix, signed_details});
  list.set_account_signature(field(sign(account_identity.private_key, statement, random)));
  return wa::serialize(list);
}

bool KeyIndexes::allows(std::uint32_t key_index) const {
  return key_index > current || std::find(valid.begin(), valid.end(), key_index) != valid.end();
}

std::optional<KeyIndexes> read_key_index_list(ByteView bytes) {
  proto::AdvSignedKeyIndexList list;
  proto::AdvKeyIndexList details;
  if (!wa::parse(bytes, list) || !list.has_details() || !wa::parse(as_bytes(list.details()), details)) {
    return std::nullopt;
  }
  return KeyIndexes{details.current_index(), {details.valid_indexes().begin(), details.valid_indexes().end()}};
}

}  // namespace konekwa::wa
