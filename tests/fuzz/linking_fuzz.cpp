// <pair-success>, its answer, and the ADV objects inside. The secret and the keys are fixed, so that a corpus keeps
// its value.
#include "daemon/wa/adv.h"
#include "daemon/wa/node_codec.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

struct Keys {
  konekwa::test::SeededRandom random{1};
  KeyPair companion = generate_key_pair(random);
  KeyPair account = generate_key_pair(random);
  Bytes secret = random.bytes(32);
};

void check_container(const Keys& keys, ByteView container) {
  (void)check_device_identity(container, keys.companion.public_key, keys.account.public_key);
  (void)read_key_index_list(container);
  (void)open_adv_hmac(container, keys.secret);
  const auto account = AdvAccount::parse(container, keys.account.public_key);
  if (!account) return;
  const auto again = AdvAccount::parse(account->serialize());
  KONEKWA_ASSERT(again && again->details == account->details && again->account_identity == account->account_identity);
}

// The same stanza with the device identity sealed rightly: what the fuzzer cannot do itself.
void seal(Node& iq, ByteView secret) {
  for (Node& success : std::get<Node::Children>(iq.content)) {
    auto* children = std::get_if<Node::Children>(&success.content);
    if (!children) continue;
    for (Node& child : *children) {
      if (child.tag == "device-identity") child.content = seal_adv_hmac(child.bytes(), secret);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Keys keys;
  check_container(keys, {data, size});
  auto node = decode_node({data, size});
  if (!node) return 0;
  (void)check_pair_device_sign(*node, keys.companion.public_key, keys.account.public_key);
  (void)accept_pair_success(*node, keys.secret, keys.companion, keys.random);
  if (node->children().empty()) return 0;
  seal(*node, keys.secret);
  (void)accept_pair_success(*node, keys.secret, keys.companion, keys.random);
  return 0;
}
