// What we want to know of a serialized ratchet, which otherwise is libsignal's business.
#pragma once

#include <optional>
#include <vector>

#include "daemon/wa/keys.h"

struct signal_context;

namespace konekwa::wa {

struct SessionFacts {
  Key remote_identity{};
  std::uint32_t remote_registration_id = 0;
  Bytes base_key;  // 33 octets; another one means that the ratchet was replaced
  // The one-time prekeys that began it and the ratchets that it replaced, as far as the other side has not answered.
  std::vector<std::uint32_t> pending_prekey_ids;
};

// Nothing when the record is damaged, or has no ratchet that could encrypt.
std::optional<SessionFacts> read_session(signal_context* context, ByteView record);

}  // namespace konekwa::wa
