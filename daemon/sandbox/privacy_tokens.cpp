#include "daemon/sandbox/privacy_tokens.h"

namespace konekwa::sandbox {
namespace {

constexpr std::int64_t kBucketSeconds = 604'800;
constexpr std::int64_t kBucketsValid = 4;
constexpr int kTokenOnPeerMessage = 479;

std::int64_t bucket_of(Time at) { return unix_seconds(at) / kBucketSeconds; }

Bytes token_of(const Network& network, const Account& from, const Account& to, std::int64_t bucket) {
  return wa::hmac_sha256(network.token_secret, as_bytes(fmt::format("{} {} {}", from.lid, to.lid, bucket)));
}

}  // namespace

void give_privacy_token(Network& network, Account& from, Account& to, Time at) {
  if (&from == &to) return;
  const std::int64_t bucket = bucket_of(at);
  if (!from.tokens_given.insert(fmt::format("{} {}", to.lid, bucket)).second) return;
  wa::Node token("token", {{"type", "trusted_contact"}}, token_of(network, from, to, bucket));
  token.set_number("t", unix_seconds(at));
  wa::Node notification("notification",
                        {{"from", from.pn_jid()}, {"type", "privacy_token"}, {"sender_lid", from.lid_jid()}},
                        wa::Node::Children{wa::Node("tokens", {}, wa::Node::Children{token})});
  notification.set("id", network.new_id());
  notification.set_number("t", unix_seconds(network.now()));
  for (auto& [id, device] : to.devices) network.deliver(device, notification);
}

int check_privacy_token(Network& network, const Party& sender, const Account& chat, const wa::Node& message) {
  const wa::Node* shown = message.child("tctoken");
  if (!shown) return 0;
  if (message.attr("category") == "peer") {
    network.blame(sender, "privacy-token", fmt::format("peer message {} has a token", message.attr("id")));
    return kTokenOnPeerMessage;
  }
  const std::int64_t now = bucket_of(network.now());
  for (std::int64_t bucket = now - kBucketsValid; bucket <= now + 1; ++bucket) {
    if (equal(shown->bytes(), token_of(network, chat, sender.account, bucket))) return 0;
  }
  network.blame(sender, "privacy-token", fmt::format("the token in message {} was not given by {}", message.attr("id"),
                                                     chat.number));
  return 0;
}

}  // namespace konekwa::sandbox
