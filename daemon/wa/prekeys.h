// The stanzas of xmlns=encrypt: counting, uploading and fetching prekeys, and the digest.
// Keys are 32 octets on this layer, ids 3 octets, big-endian.
#pragma once

#include <optional>
#include <vector>

#include "common/error.h"
#include "daemon/wa/node.h"
#include "daemon/wa/signal/signal_state.h"

namespace konekwa::wa {

// Requests; `id` is the iq's.
Node prekey_count_iq(const std::string& id);
Node prekey_upload_iq(const std::string& id, const DeviceIdentity& device, const std::vector<PreKey>& prekeys);
Node prekey_digest_iq(const std::string& id);
Node prekey_fetch_iq(const std::string& id, const std::vector<Jid>& devices, bool because_of_identity_change = false);

// Answers.
Result<int> parse_prekey_count(const Node& iq);
struct FetchedBundle {
  Jid device;                                   // as asked
  Result<PreKeyBundle> bundle;                  // RECIPIENT_NOT_ON_WHATSAPP, PROTOCOL, ...
  Bytes device_identity;                        // of companions; may be empty
};
Result<std::vector<FetchedBundle>> parse_prekey_fetch(const Node& iq);
// <digest> covers the identity, signed prekey and one-time prekeys that the server holds. Compares it with ours:
// false when the server must get a new upload.
struct Digest {
  std::uint32_t registration_id = 0;
  Key identity{};
  std::uint32_t signed_prekey_id = 0;
  Key signed_prekey{};
  Bytes signed_prekey_signature;
  std::vector<std::uint32_t> prekey_ids;
  Bytes hash;                                   // SHA-1
};
Result<Digest> parse_digest(const Node& iq);
Bytes digest_hash(const Key& identity, const Key& signed_prekey, ByteView signature, const std::vector<Key>& prekeys);

// Parts, for both ends: <key>, <skey> and the <keys> of a retry receipt. Key values of 32 or 33 octets are read.
Node prekey_node(std::uint32_t id, const Key& public_key);                        // <key><id/><value/></key>
Node signed_prekey_node(const SignedPreKey& prekey);                              // <skey>
Node registration_node(std::uint32_t registration_id);
Result<std::pair<std::uint32_t, Key>> parse_prekey_node(const Node& node);        // of <key> or <skey>
// A bundle out of a node with <identity>, <skey>, optional <key>; <registration> may stand in `registration_parent`.
Result<PreKeyBundle> parse_bundle(const Node& keys, const Node& registration_parent);

}  // namespace konekwa::wa
