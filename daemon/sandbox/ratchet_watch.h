// Watches that no ratchet goes back: a device that encrypts two different messages with one ratchet key and counter has
// lost a step that was on the wire already, and has used a message key twice.
// Only what a server can see: the outside of Signal messages, for each pair of devices. Memory only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "common/bytes.h"

namespace konekwa::sandbox {

class RatchetWatch {
 public:
  // One ciphertext from a device to a device. False when its key and counter stood on another ciphertext before.
  bool is_forward(const std::string& sender, const std::string& receiver, ByteView ratchet_key, std::uint32_t counter,
                  ByteView ciphertext);

 private:
  struct Chain {
    Bytes ratchet_key;
    std::map<std::uint32_t, Bytes> ciphertext_hashes;   // by counter; the newest kCountersMax
  };
  std::map<std::pair<std::string, std::string>, std::deque<Chain>> pairs_;   // the newest kChainsMax each
};

}  // namespace konekwa::sandbox
