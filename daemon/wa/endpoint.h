// Which WhatsApp network a session talks to: the real one or a sandbox. A session keeps the one it was linked to.
#pragma once

#include <string>

#include "daemon/wa/keys.h"

namespace konekwa::wa {

struct Endpoint {
  std::string url;       // wss://host[:port]/path, or ws:// for a sandbox
  Key root_key{};        // the Noise certificate authority
  std::string ca_file;   // PEM; empty: the system's authorities. Only for wss://

  bool operator==(const Endpoint&) const = default;
};

// WhatsApp itself: wss://web.whatsapp.com/ws/chat and its published root key.
Endpoint whatsapp_endpoint();

}  // namespace konekwa::wa
