#include "daemon/sandbox/targets.h"

#include "daemon/sandbox/checks.h"

namespace konekwa::sandbox {

std::optional<Party> party_at(Network& network, const wa::Jid& address) {
  Account* account = network.directory.find(address);
  Device* device = account ? account->device(address.device) : nullptr;
  if (!device) return std::nullopt;
  return Party{*account, *device};
}

void add_target(Network& network, std::vector<Target>& targets, const wa::Jid& address, const wa::Node* enc) {
  const auto party = party_at(network, address);
  if (!party || !enc) return;
  const bool is_there = std::any_of(targets.begin(), targets.end(),
                                    [&](const Target& target) { return &target.to.device == &party->device; });
  if (!is_there) targets.push_back({*party, address, enc});
}

void add_participants(Network& network, std::vector<Target>& targets, const wa::Node& message) {
  const wa::Node* participants = message.child("participants");
  if (!participants) return;
  for (const wa::Node* to : participants->children("to")) {
    if (const auto address = to->jid("jid")) add_target(network, targets, *address, to->child("enc"));
  }
}

std::vector<Target> those_that_asked(const Party& sender, const std::vector<Target>& targets, const std::string& id) {
  std::vector<Target> those;
  for (const Target& target : targets) {
    if (target.to.device.take_wanted(sender.account.lid, id)) those.push_back(target);
  }
  return those;
}

void check_ciphertexts(Network& network, const Party& sender, const std::vector<Target>& targets,
                       const wa::Node& message) {
  for (const Target& target : targets) check_ciphertext(network, sender, target.to, *target.enc, message);
}

bool is_news_of_devices(std::string_view notification_type) {
  return notification_type == "devices" || notification_type == "account_sync" || notification_type == "w:gp2";
}

bool is_list_unsettled(const Network& network, const Device& sender) {
  if (sender.heard_of_devices_at + kDeviceListGrace > network.now()) return true;
  const auto& waiting = sender.mailbox.stanzas();
  return std::any_of(waiting.begin(), waiting.end(), [](const wa::Node& stanza) {
    return stanza.tag == "notification" && is_news_of_devices(stanza.attr("type"));
  });
}

bool is_for_the_server(std::string_view receipt_type) {
  return receipt_type == "sender" || receipt_type == "peer_msg" || receipt_type == "hist_sync";
}

}  // namespace konekwa::sandbox
