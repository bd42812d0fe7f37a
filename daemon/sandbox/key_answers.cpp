#include "daemon/sandbox/key_answers.h"

#include "daemon/sandbox/checks.h"
#include "daemon/sandbox/phone.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kPrekeysLow = 5;  // clients upload more when fewer are left
constexpr int kUnknownDevice = 404;

std::optional<wa::SignedPreKey> parse_signed_prekey(const wa::Node* node) {
  if (!node) return std::nullopt;
  const auto parsed = wa::parse_prekey_node(*node);
  const wa::Node* signed_by = node->child("signature");
  const auto signature = signed_by ? to_array<64>(signed_by->bytes()) : std::nullopt;
  if (!parsed || !signature) return std::nullopt;
  wa::SignedPreKey prekey;
  prekey.id = parsed->first;
  prekey.key.public_key = parsed->second;
  prekey.signature = *signature;
  return prekey;
}

void tell_few_left(Network& network, Device& device) {
  wa::Node notification("notification",
                        {{"from", wa::Jid::of_server()}, {"type", "encrypt"}, {"id", network.new_id()}});
  notification.set_number("t", unix_seconds(network.now()));
  notification.add(wa::Node("count", {{"value", std::to_string(device.keys.prekeys.size())}}));
  network.deliver(device, notification);
}

}  // namespace

bool accept_upload(Network& network, const Party& who, const wa::Node& iq) {
  const wa::Node* registration = iq.child("registration");
  const wa::Node* identity = iq.child("identity");
  const wa::Node* list = iq.child("list");
  const auto prekey = parse_signed_prekey(iq.child("skey"));
  if (!registration || registration->bytes().size() != 4 || !identity || !list || !prekey) {
    network.blame(who, "prekey-upload", "registration, identity, list or skey is missing or malformed");
    return false;
  }
  KeyStock& keys = who.device.keys;
  if (read_big_endian(registration->bytes()) != keys.registration_id) {
    network.blame(who, "prekey-upload", "the registration id is not the device's");
  }
  if (!equal(identity->bytes(), keys.identity)) network.blame(who, "prekey-upload", "the identity is not the device's");
  check_signed_prekey(network, who, *prekey);
  keys.publish(*prekey);
  for (const wa::Node* key : list->children("key")) {
    const auto parsed = wa::parse_prekey_node(*key);
    const std::string problem = parsed ? keys.add({parsed->first, parsed->second}) : parsed.error().text();
    if (!problem.empty()) network.blame(who, "prekey-upload", problem);
  }
  network.keeper.touched();
  return true;
}

bool accept_rotation(Network& network, const Party& who, const wa::Node& rotate) {
  const auto prekey = parse_signed_prekey(rotate.child("skey"));
  if (!prekey) {
    network.blame(who, "signed-prekey", "a rotation without a well-formed skey");
    return false;
  }
  check_signed_prekey(network, who, *prekey);
  who.device.keys.publish(*prekey);
  network.keeper.touched();
  return true;
}

wa::Node digest_of(const KeyStock& keys) {
  wa::Node digest("digest");
  add_bundle(digest, KeyStock{keys.registration_id, keys.identity, keys.signed_prekey, {}, {}, {}}.take_bundle({}));
  wa::Node list("list");
  std::vector<wa::Key> publics;
  for (const KeyStock::OneTime& prekey : keys.prekeys) {
    list.add(wa::Node("id", {}, big_endian(prekey.id, 3)));
    publics.push_back(prekey.key);
  }
  digest.add(list);
  digest.add(wa::Node("hash", {}, wa::digest_hash(keys.identity, keys.signed_prekey.key.public_key,
                                                  keys.signed_prekey.signature, publics)));
  return digest;
}

wa::Node bundles_for(Network& network, const Party& asker, const wa::Node& query) {
  wa::Node list("list");
  for (const wa::Node* user : query.children("user")) {
    const auto jid = user->jid("jid");
    if (!jid) continue;
    wa::Node answer("user", {{"jid", *jid}});
    Account* account = network.directory.find(*jid);
    Device* device = account ? account->device(jid->device) : nullptr;
    if (device) {
      add_bundle(answer, take_bundle(network, asker.lid(), *account, *device));
      if (!device->device_identity.empty()) answer.add(wa::Node("device-identity", {}, device->device_identity));
    } else {
      answer.add(wa::Node("error", {{"code", std::to_string(kUnknownDevice)}, {"text", "item-not-found"}}));
    }
    list.add(answer);
  }
  return list;
}

wa::PreKeyBundle take_bundle(Network& network, const wa::Jid& asker_lid, Account& account, Device& device) {
  network.keeper.touched();
  if (device.id == 0) {
    // A phone makes its one-time prekeys as they are asked for.
    const wa::PreKey fresh = network.phone_of(account).fresh_prekey();
    device.keys.prekeys.push_back({fresh.id, fresh.key.public_key});
  }
  const wa::PreKeyBundle bundle = device.keys.take_bundle(asker_lid);
  if (device.id != 0 && bundle.prekey && device.keys.prekeys.size() < kPrekeysLow) tell_few_left(network, device);
  return bundle;
}

}  // namespace konekwa::sandbox
