// The devices that a message is encrypted for, and what routing to one person and to a group have in common.
#pragma once

#include "daemon/sandbox/network.h"

namespace konekwa::sandbox {

// A device that a message goes to, and with which ciphertext.
struct Target {
  Party to;
  wa::Jid address;          // as the sender wrote it
  const wa::Node* enc;
};

std::optional<Party> party_at(Network& network, const wa::Jid& address);
// Unless the device is there already, does not exist, or there is no ciphertext.
void add_target(Network& network, std::vector<Target>& targets, const wa::Jid& address, const wa::Node* enc);
void add_participants(Network& network, std::vector<Target>& targets, const wa::Node& message);
// A repeated message goes only where it could not be decrypted the first time: when a phone asks again, Baileys
// encrypts for everybody again, under the same id and without a count.
std::vector<Target> those_that_asked(const Party& sender, const std::vector<Target>& targets, const std::string& id);
void check_ciphertexts(Network& network, const Party& sender, const std::vector<Target>& targets,
                       const wa::Node& message);

// How long a message may still go by an older list, after a device was linked and after its sender heard of it.
inline constexpr Duration kDeviceListGrace = seconds(5);
// Whether the sender cannot be expected to know all devices: news of some are on their way, or have just arrived.
bool is_list_unsettled(const Network& network, const Device& sender);
bool is_news_of_devices(std::string_view notification_type);

bool is_for_the_server(std::string_view receipt_type);   // goes to nobody else

}  // namespace konekwa::sandbox
