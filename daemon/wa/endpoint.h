// Which WhatsApp network a session talks to, the real one or a sandbox, and by which road. A session keeps the network
// it was linked to; its proxy may change.
#pragma once

#include <string>

#include "daemon/wa/keys.h"

namespace konekwa::wa {

struct Endpoint {
  std::string url;       // wss://host[:port]/path, or ws:// for a sandbox
  Key root_key{};        // the Noise certificate authority
  std::string ca_file;   // PEM; empty: the system's authorities. Only for wss://, and for an https:// proxy
  // As common/proxy_url.h reads it; empty: dialled directly. With a proxy the host of `url` is resolved and dialled by
  // the proxy only, and when the proxy fails there is no connection.
  std::string proxy_url{};

  bool operator==(const Endpoint&) const = default;
};

// WhatsApp itself: wss://web.whatsapp.com/ws/chat and its published root key.
Endpoint whatsapp_endpoint();

}  // namespace konekwa::wa
