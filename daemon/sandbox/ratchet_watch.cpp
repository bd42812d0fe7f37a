#include "daemon/sandbox/ratchet_watch.h"

#include "daemon/wa/keys.h"

namespace konekwa::sandbox {
namespace {

// Enough for every step that a client could lose in a crash; a watch that remembers all would grow for ever.
constexpr std::size_t kChainsMax = 8;
constexpr std::size_t kCountersMax = 256;

}  // namespace

bool RatchetWatch::is_forward(const std::string& sender, const std::string& receiver, ByteView ratchet_key,
                              std::uint32_t counter, ByteView ciphertext) {
  std::deque<Chain>& chains = pairs_[{sender, receiver}];
  auto chain = std::find_if(chains.begin(), chains.end(),
                            [&](const Chain& known) { return equal(known.ratchet_key, ratchet_key); });
  if (chain == chains.end()) {
    chains.push_back({to_bytes(ratchet_key), {}});
    if (chains.size() > kChainsMax) chains.pop_front();
    chain = std::prev(chains.end());
  }
  Bytes hash = wa::sha256(ciphertext);
  const auto [entry, is_new] = chain->ciphertext_hashes.emplace(counter, hash);
  const bool is_same = entry->second == hash;
  if (chain->ciphertext_hashes.size() > kCountersMax) chain->ciphertext_hashes.erase(chain->ciphertext_hashes.begin());
  return is_new || is_same;
}

}  // namespace konekwa::sandbox
