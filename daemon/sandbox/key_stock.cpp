#include "daemon/sandbox/key_stock.h"

namespace konekwa::sandbox {
namespace {

constexpr std::uint8_t kKeyTypeCurve25519 = 5;

bool has_id(const std::deque<KeyStock::OneTime>& prekeys, std::uint32_t id) {
  return std::any_of(prekeys.begin(), prekeys.end(), [id](const auto& prekey) { return prekey.id == id; });
}

}  // namespace

void KeyStock::publish(const wa::SignedPreKey& prekey) {
  signed_prekey = prekey;
  signed_prekey_ids.insert(prekey.id);
}

std::string KeyStock::add(const OneTime& prekey) {
  if (prekey.id == 0 || prekey.id > 0xFFFFFF) return fmt::format("prekey id {} is not of 1..0xFFFFFF", prekey.id);
  if (issued.contains(prekey.id)) {
    return fmt::format("prekey {} was handed out before and is published again", prekey.id);
  }
  for (const OneTime& held : prekeys) {
    if (held.id != prekey.id) continue;
    return held.key == prekey.key ? "" : fmt::format("prekey {} is published with another key", prekey.id);
  }
  prekeys.push_back(prekey);
  return {};
}

wa::PreKeyBundle KeyStock::take_bundle(const wa::Jid& requester) {
  wa::PreKeyBundle bundle;
  bundle.registration_id = registration_id;
  bundle.identity = identity;
  bundle.signed_prekey_id = signed_prekey.id;
  bundle.signed_prekey = signed_prekey.key.public_key;
  bundle.signed_prekey_signature = signed_prekey.signature;
  if (prekeys.empty()) return bundle;
  const OneTime one = prekeys.front();
  prekeys.pop_front();
  issued[one.id] = {requester, {}};
  bundle.prekey = {one.id, one.key};
  return bundle;
}

std::string KeyStock::hand_out(const OneTime& prekey, const wa::Jid& requester) {
  const auto before = issued.find(prekey.id);
  if (before != issued.end() && before->second.to != requester) {
    return fmt::format("prekey {} is offered to a second device", prekey.id);
  }
  if (has_id(prekeys, prekey.id)) std::erase_if(prekeys, [&](const OneTime& held) { return held.id == prekey.id; });
  if (before == issued.end()) issued[prekey.id] = {requester, {}};
  return {};
}

std::string KeyStock::use(std::uint32_t prekey_id, const wa::Jid& sender, ByteView base_key) {
  const auto found = issued.find(prekey_id);
  if (found == issued.end()) return fmt::format("prekey {} was never handed out", prekey_id);
  Issued& one = found->second;
  if (one.to != sender) return fmt::format("prekey {} was handed to {}", prekey_id, to_string(one.to));
  if (one.base_key.empty()) one.base_key = to_bytes(base_key);
  // The same base key again is the same ratchet, whose owner has not heard from the peer yet.
  if (!equal(one.base_key, base_key)) return fmt::format("prekey {} starts a second ratchet", prekey_id);
  return {};
}

void add_bundle(wa::Node& to, const wa::PreKeyBundle& bundle) {
  to.add(wa::registration_node(bundle.registration_id));
  to.add(wa::Node("type", {}, Bytes{kKeyTypeCurve25519}));
  to.add(wa::Node("identity", {}, to_bytes(ByteView(bundle.identity))));
  wa::SignedPreKey prekey;
  prekey.id = bundle.signed_prekey_id;
  prekey.key.public_key = bundle.signed_prekey;
  prekey.signature = bundle.signed_prekey_signature;
  to.add(wa::signed_prekey_node(prekey));
  if (bundle.prekey) to.add(wa::prekey_node(bundle.prekey->id, bundle.prekey->key));
}

}  // namespace konekwa::sandbox
