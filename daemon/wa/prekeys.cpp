#include "daemon/wa/prekeys.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kRegistrationIdSize = 4;
constexpr std::size_t kPrekeyIdSize = 3;
constexpr std::size_t kHashSize = 20;
constexpr std::int64_t kItemNotFound = 404;
const Bytes kKeyType = {5};

Node encrypt_iq(const std::string& id, const char* type, Node child) {
  Node iq("iq");
  iq.set("id", id).set("to", Jid::of_server()).set("type", type).set("xmlns", "encrypt");
  iq.add(std::move(child));
  return iq;
}

Error error_of(const Node& iq) {
  const Node* error = iq.child("error");
  if (!error) return Error(ErrorCode::PROTOCOL, "an error without <error>");
  return Error(ErrorCode::SERVER_REJECTED, "error " + error->attr("code") + " " + error->attr("text"));
}

// The child that the answer to an encrypt iq must have.
Result<const Node*> answer_child(const Node& iq, std::string_view tag) {
  if (iq.attr("type") == "error") return fail(error_of(iq));
  if (const Node* child = iq.child(tag)) return child;
  return fail(ErrorCode::PROTOCOL, "the answer has no <" + std::string(tag) + ">");
}

ByteView child_bytes(const Node& node, std::string_view tag) {
  const Node* child = node.child(tag);
  return child ? child->bytes() : ByteView();
}

std::optional<std::uint32_t> read_id(ByteView bytes, std::size_t size) {
  if (bytes.size() != size) return std::nullopt;
  return static_cast<std::uint32_t>(read_big_endian(bytes));
}

struct SignedPart {
  std::uint32_t id = 0;
  Key key{};
  Signature signature{};
};

Result<SignedPart> parse_signed_prekey(const Node* node) {
  if (!node) return fail(ErrorCode::PROTOCOL, "no <skey>");
  const auto key = parse_prekey_node(*node);
  if (!key) return fail(key.error());
  const auto signature = to_array<64>(child_bytes(*node, "signature"));
  if (!signature) return fail(ErrorCode::PROTOCOL, "a prekey signature of a wrong length");
  return SignedPart{key->first, key->second, *signature};
}

Error error_of_user(const Node& error) {
  if (error.number("code") == kItemNotFound) return Error(ErrorCode::RECIPIENT_NOT_ON_WHATSAPP, "no such device");
  return Error(ErrorCode::SERVER_REJECTED, "error " + error.attr("code") + " " + error.attr("text"));
}

FetchedBundle fetched_bundle(const Jid& device, const Node& user) {
  if (const Node* error = user.child("error")) return {device, fail(error_of_user(*error)), {}};
  return {device, parse_bundle(user, user), to_bytes(child_bytes(user, "device-identity"))};
}

}  // namespace

Node prekey_count_iq(const std::string& id) { return encrypt_iq(id, "get", Node("count")); }
Node prekey_digest_iq(const std::string& id) { return encrypt_iq(id, "get", Node("digest")); }

Node prekey_upload_iq(const std::string& id, const DeviceIdentity& device, const std::vector<PreKey>& prekeys) {
  Node list("list");
  for (const PreKey& prekey : prekeys) list.add(prekey_node(prekey.id, prekey.key.public_key));
  Node iq = encrypt_iq(id, "set", registration_node(device.registration_id));
  iq.add(Node("type", {}, kKeyType));
  iq.add(Node("identity", {}, to_bytes(device.identity.public_key)));
  iq.add(std::move(list));
  iq.add(signed_prekey_node(device.signed_prekey));
  return iq;
}

Node prekey_fetch_iq(const std::string& id, const std::vector<Jid>& devices, bool because_of_identity_change) {
  Node key("key");
  for (const Jid& device : devices) {
    Node user("user");
    user.set("jid", device);
    if (because_of_identity_change) user.set("reason", "identity");
    key.add(std::move(user));
  }
  return encrypt_iq(id, "get", std::move(key));
}

Result<int> parse_prekey_count(const Node& iq) {
  const auto count = answer_child(iq, "count");
  if (!count) return fail(count.error());
  const auto value = (*count)->number("value");
  if (!value || *value < 0 || *value > 0xFFFFFF) return fail(ErrorCode::PROTOCOL, "a prekey count that is none");
  return static_cast<int>(*value);
}

Result<std::vector<FetchedBundle>> parse_prekey_fetch(const Node& iq) {
  const auto list = answer_child(iq, "list");
  if (!list) return fail(list.error());
  std::vector<FetchedBundle> bundles;
  for (const Node* user : (*list)->children("user")) {
    const auto device = user->jid("jid");
    if (!device) return fail(ErrorCode::PROTOCOL, "a user without a jid");
    bundles.push_back(fetched_bundle(*device, *user));
  }
  return bundles;
}

Result<Digest> parse_digest(const Node& iq) {
  const auto found = answer_child(iq, "digest");
  if (!found) return fail(found.error());
  const Node& node = **found;
  const auto registration_id = read_id(child_bytes(node, "registration"), kRegistrationIdSize);
  const auto identity = strip_type_byte(child_bytes(node, "identity"));
  const auto signed_prekey = parse_signed_prekey(node.child("skey"));
  const ByteView hash = child_bytes(node, "hash");
  if (!signed_prekey) return fail(signed_prekey.error());
  if (!registration_id || !identity || hash.size() != kHashSize) {
    return fail(ErrorCode::PROTOCOL, "the digest lacks a part");
  }
  Digest digest;
  digest.registration_id = *registration_id;
  digest.identity = *identity;
  digest.signed_prekey_id = signed_prekey->id;
  digest.signed_prekey = signed_prekey->key;
  digest.signed_prekey_signature = to_bytes(signed_prekey->signature);
  digest.hash = to_bytes(hash);
  const Node* list = node.child("list");
  if (!list) return digest;
  for (const Node& entry : list->children()) {
    // <key><id/></key>, or the <id/> alone.
    const auto prekey_id = read_id(entry.tag == "id" ? entry.bytes() : child_bytes(entry, "id"), kPrekeyIdSize);
    if (!prekey_id) return fail(ErrorCode::PROTOCOL, "a prekey id of a wrong length");
    digest.prekey_ids.push_back(*prekey_id);
  }
  return digest;
}

Bytes digest_hash(const Key& identity, const Key& signed_prekey, ByteView signature, const std::vector<Key>& prekeys) {
  Bytes all = concat({identity, signed_prekey, signature});
  for (const Key& prekey : prekeys) append(all, prekey);
  return sha1(all);
}

Node prekey_node(std::uint32_t id, const Key& public_key) {
  Node key("key");
  key.add(Node("id", {}, big_endian(id, kPrekeyIdSize))).add(Node("value", {}, to_bytes(public_key)));
  return key;
}

Node signed_prekey_node(const SignedPreKey& prekey) {
  Node node = prekey_node(prekey.id, prekey.key.public_key);
  node.tag = "skey";
  node.add(Node("signature", {}, to_bytes(prekey.signature)));
  return node;
}

Node registration_node(std::uint32_t registration_id) {
  return Node("registration", {}, big_endian(registration_id, kRegistrationIdSize));
}

Result<std::pair<std::uint32_t, Key>> parse_prekey_node(const Node& node) {
  const auto id = read_id(child_bytes(node, "id"), kPrekeyIdSize);
  const auto key = strip_type_byte(child_bytes(node, "value"));
  if (!id || !key) return fail(ErrorCode::PROTOCOL, "a prekey whose id or value has a wrong length");
  return std::pair(*id, *key);
}

Result<PreKeyBundle> parse_bundle(const Node& keys, const Node& registration_parent) {
  const auto registration_id = read_id(child_bytes(registration_parent, "registration"), kRegistrationIdSize);
  const auto identity = strip_type_byte(child_bytes(keys, "identity"));
  if (!registration_id || !identity) return fail(ErrorCode::PROTOCOL, "a bundle without registration or identity");
  const auto signed_prekey = parse_signed_prekey(keys.child("skey"));
  if (!signed_prekey) return fail(signed_prekey.error());
  PreKeyBundle bundle;
  bundle.registration_id = *registration_id;
  bundle.identity = *identity;
  bundle.signed_prekey_id = signed_prekey->id;
  bundle.signed_prekey = signed_prekey->key;
  bundle.signed_prekey_signature = signed_prekey->signature;
  if (const Node* node = keys.child("key")) {
    const auto prekey = parse_prekey_node(*node);
    if (!prekey) return fail(prekey.error());
    bundle.prekey = PreKeyBundle::OneTime{prekey->first, prekey->second};
  }
  return bundle;
}

}  // namespace konekwa::wa
