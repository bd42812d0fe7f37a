#include "daemon/sandbox/group_phash.h"

#include "daemon/sandbox/group_nodes.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kHashBytes = 6;  // eight characters, so there is no padding

// `left_out`: nothing, or the sending device.
std::string phash_of(Network& network, const Group& group, const Device* left_out) {
  std::vector<std::string> names;
  for (const Account* account : accounts_of(network, group)) {
    const wa::Jid user = account->jid(group.server());
    for (const auto& [id, device] : account->devices) {
      if (&device != left_out) names.push_back(fmt::format("{}.0:{}@{}", user.user, id, to_string(user.server)));
    }
  }
  std::sort(names.begin(), names.end());
  const Bytes hash = wa::sha256(as_bytes(fmt::format("{}", fmt::join(names, ""))));
  return "2:" + to_base64(ByteView(hash).first(kHashBytes));
}

std::string with_plain_alphabet(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return text;
}

}  // namespace

std::string corrected_phash(Network& network, const Group& group, const Party& sender, const std::string& claimed) {
  const std::string right = phash_of(network, group, nullptr);
  const std::string plain = with_plain_alphabet(claimed);
  if (plain == right || plain == phash_of(network, group, &sender.device)) return {};
  return right;
}

}  // namespace konekwa::sandbox
