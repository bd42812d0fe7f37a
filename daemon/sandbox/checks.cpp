#include "daemon/sandbox/checks.h"

#include "daemon/wa/linking.h"
#include "daemon/wa/stanzas.h"
#include "proto/signal_wire.pb.h"

namespace konekwa::sandbox {
namespace {

constexpr std::uint8_t kSignalVersion = 0x33;
constexpr std::size_t kSignalMacBytes = 8;
constexpr std::size_t kTypedKeyBytes = 33;
constexpr std::size_t kSenderKeySignatureBytes = 64;

bool is_typed_key(const std::string& key) { return key.size() == kTypedKeyBytes && key.front() == '\x05'; }

// The protobuf inside a framed Signal message of either kind; nothing when the frame is not one.
std::optional<ByteView> body_of(ByteView framed, std::size_t mac_bytes) {
  if (framed.size() <= 1 + mac_bytes || framed[0] != kSignalVersion) return std::nullopt;
  return framed.subspan(1, framed.size() - 1 - mac_bytes);
}

// What is wrong with a framed SignalMessage; "" when nothing is.
std::string problem_of_signal_message(Network& network, const Party& sender, const Party& receiver, ByteView framed) {
  const auto body = body_of(framed, kSignalMacBytes);
  if (!body) return "it does not begin with the version octet 0x33";
  wa::proto::SignalMessage message;
  if (!message.ParseFromArray(body->data(), static_cast<int>(body->size()))) return "it is not a SignalMessage";
  if (!is_typed_key(message.ephemeral_key())) return "its ratchet key has not 33 octets that begin with 5";
  if (message.ciphertext().empty()) return "it has no ciphertext";
  const bool is_forward = network.ratchets.is_forward(to_string(sender.lid()), to_string(receiver.lid()),
                                                      as_bytes(message.ephemeral_key()), message.counter(), framed);
  if (!is_forward) return fmt::format("the ratchet went back: counter {} was used before", message.counter());
  return {};
}

std::vector<std::string> problems_of_prekey_message(Network& network, const Party& sender, const Party& receiver,
                                                    ByteView framed) {
  const auto body = body_of(framed, 0);
  if (!body) return {"it does not begin with the version octet 0x33"};
  wa::proto::PreKeySignalMessage message;
  if (!message.ParseFromArray(body->data(), static_cast<int>(body->size()))) return {"it is not a PreKeySignalMessage"};

  std::vector<std::string> problems;
  const auto expect = [&](bool is_right, std::string problem) {
    if (!is_right) problems.push_back(std::move(problem));
  };
  expect(is_typed_key(message.base_key()), "its base key has not 33 octets that begin with 5");
  const Bytes identity = wa::with_type_byte(sender.device.keys.identity);
  expect(equal(as_bytes(message.identity_key()), identity), "its identity key is not the sender's");
  expect(message.registration_id() == sender.device.keys.registration_id,
         fmt::format("its registration id is {}, the sender's is {}", message.registration_id(),
                     sender.device.keys.registration_id));
  expect(receiver.device.keys.signed_prekey_ids.contains(message.signed_prekey_id()),
         fmt::format("the receiver has no signed prekey {}", message.signed_prekey_id()));
  if (message.has_prekey_id()) {
    const std::string problem =
        receiver.device.keys.use(message.prekey_id(), sender.lid(), as_bytes(message.base_key()));
    expect(problem.empty(), problem);
  }
  const std::string inside = problem_of_signal_message(network, sender, receiver, as_bytes(message.message()));
  expect(inside.empty(), "the message inside: " + inside);
  return problems;
}

}  // namespace

void check_signed_prekey(Network& network, const Party& who, const wa::SignedPreKey& prekey) {
  if (prekey.id == 0 || prekey.id > 0xFFFFFF) {
    network.blame(who, "signed-prekey", fmt::format("the id {} is not of 1..0xFFFFFF", prekey.id));
  }
  if (wa::verify_signed_prekey(who.device.keys.identity, prekey.key.public_key, prekey.signature)) return;
  network.blame(who, "signed-prekey", fmt::format("the signature of signed prekey {} does not verify", prekey.id));
}

void check_device_identity(Network& network, const Party& sender, ByteView container, const std::string& where) {
  const wa::Key& account_identity = sender.account.phone.identity.identity.public_key;
  const auto checked = wa::check_device_identity(container, sender.device.keys.identity, account_identity);
  if (!checked) network.blame(sender, "device-identity", fmt::format("{}: {}", where, checked.error().text()));
}

void check_ciphertext(Network& network, const Party& sender, const Party& receiver, const wa::Node& enc,
                      const wa::Node& message) {
  if (sender.device.id == 0) return;  // the phone is ours
  const std::string where =
      fmt::format("message {} for {}", message.attr("id"), to_string(receiver.account.pn_jid(receiver.device.id)));
  if (enc.attr("v") != "2") {
    network.blame(sender, "ciphertext", fmt::format("{}: enc has v='{}'", where, enc.attr("v")));
  }

  const auto type = wa::enc_type_from(enc.attr("type"));
  if (!type || *type == wa::EncType::SkMsg) {
    network.blame(sender, "ciphertext", fmt::format("{}: enc has type='{}'", where, enc.attr("type")));
    return;
  }
  if (*type == wa::EncType::Msg) {
    const std::string problem = problem_of_signal_message(network, sender, receiver, enc.bytes());
    if (!problem.empty()) network.blame(sender, "ciphertext", fmt::format("{}: {}", where, problem));
    return;
  }
  for (const std::string& problem : problems_of_prekey_message(network, sender, receiver, enc.bytes())) {
    network.blame(sender, "prekey-message", fmt::format("{}: {}", where, problem));
  }
  const wa::Node* identity = message.child("device-identity");
  if (!identity) {
    network.blame(sender, "device-identity", where + ": a pkmsg without <device-identity>");
    return;
  }
  check_device_identity(network, sender, identity->bytes(), where);
}

void check_sender_key_message(Network& network, const Party& sender, const wa::Jid& group, const std::string& id,
                              const wa::Node& enc) {
  if (sender.device.id == 0) return;  // the phone is ours
  const auto blame = [&](std::string_view problem) {
    network.blame(sender, "ciphertext", fmt::format("message {} for {}: {}", id, to_string(group), problem));
  };
  if (enc.attr("v") != "2") blame(fmt::format("enc has v='{}'", enc.attr("v")));
  const auto body = body_of(enc.bytes(), kSenderKeySignatureBytes);
  if (!body) return blame("it does not begin with the version octet 0x33");
  wa::proto::SenderKeyMessage message;
  if (!message.ParseFromArray(body->data(), static_cast<int>(body->size()))) return blame("it is no SenderKeyMessage");
  if (!message.has_id() || !message.has_iteration()) return blame("it has no key id or no iteration");
  if (message.ciphertext().empty()) return blame("it has no ciphertext");
  const Bytes key_id = big_endian(message.id(), 4);
  const bool is_forward = network.ratchets.is_forward(to_string(sender.lid()), to_string(group), key_id,
                                                      message.iteration(), enc.bytes());
  if (!is_forward) blame(fmt::format("the chain went back: iteration {} was used before", message.iteration()));
}

void check_retry_receipt(Network& network, const Party& sender, const Party& receiver, const wa::Node& receipt) {
  if (sender.device.id == 0) return;
  const auto request = wa::parse_retry_receipt(receipt);
  if (!request) {
    network.blame(sender, "retry", request.error().text());
    return;
  }
  KeyStock& keys = sender.device.keys;
  if (request->registration_id != keys.registration_id) {
    network.blame(sender, "retry", fmt::format("the registration id {} is not the device's", request->registration_id));
  }
  if (!request->bundle) return;
  if (request->bundle->identity != keys.identity) network.blame(sender, "retry", "the identity is not the device's");
  wa::SignedPreKey offered;
  offered.id = request->bundle->signed_prekey_id;
  offered.key.public_key = request->bundle->signed_prekey;
  offered.signature = request->bundle->signed_prekey_signature;
  check_signed_prekey(network, sender, offered);
  if (!keys.signed_prekey_ids.contains(offered.id)) {
    network.blame(sender, "retry", fmt::format("the signed prekey {} was never published", offered.id));
  }
  if (request->bundle->prekey) {
    const auto& [id, key] = *request->bundle->prekey;
    const std::string problem = keys.hand_out({id, key}, receiver.lid());
    if (!problem.empty()) network.blame(sender, "retry", problem);
  }
  const wa::Node* offer = receipt.child("keys");
  const wa::Node* identity = offer ? offer->child("device-identity") : nullptr;
  if (identity) check_device_identity(network, sender, identity->bytes(), "a retry receipt");
}

}  // namespace konekwa::sandbox
